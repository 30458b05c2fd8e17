// Rows of text in Arrow memory, read in place through the Arrow C Data Interface: the layouts
// utf8, large_utf8, binary, large_binary and their views.
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "bindings/arrow_abi.h"
#include "bindings/text_access.h"

namespace tokmill::bindings {

namespace {

enum class Layout { offsets32, offsets64, views };

Layout layout_of(ArrowSchema const& schema) {
    std::string_view const format = schema.format == nullptr ? "" : schema.format;
    if (schema.dictionary == nullptr) {
        if (format == "u" || format == "z") return Layout::offsets32;
        if (format == "U" || format == "Z") return Layout::offsets64;
        if (format == "vu" || format == "vz") return Layout::views;
    }
    throw py::type_error(
        "texts must be an Arrow array of strings or binary data; its format is \"" +
        std::string(format) + '"' + (schema.dictionary == nullptr ? "" : " with a dictionary"));
}

// Validity is a bitmap in the first buffer, least significant bit first; absent if all are valid.
void refuse_nulls(ArrowArray const& array, std::size_t first_row) {
    auto const* const valid = static_cast<std::uint8_t const*>(array.buffers[0]);
    if (array.null_count == 0 || valid == nullptr) return;
    for (std::int64_t i = 0; i < array.length; ++i) {
        auto const bit = static_cast<std::size_t>(array.offset + i);
        if ((valid[bit >> 3] >> (bit & 7) & 1) == 0) {
            std::size_t const row = first_row + static_cast<std::size_t>(i);
            throw Error(ErrorKind::invalid_input, "row " + std::to_string(row) + " is null",
                        kNoPosition, row);
        }
    }
}

template <class Offset>
void read_offsets(ArrowArray const& array, std::vector<TextRef>& refs) {
    auto const* const offsets = static_cast<Offset const*>(array.buffers[1]) + array.offset;
    auto const* const data = static_cast<char const*>(array.buffers[2]);
    for (std::int64_t i = 0; i < array.length; ++i) {
        if (offsets[i] < 0 || offsets[i] > offsets[i + 1]) {
            throw py::value_error("the offsets of the Arrow array decrease");
        }
        refs.push_back({data + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i]),
                        TextKind::bytes});
    }
}

// A view is 16 bytes: the length, then either up to twelve bytes of text or a prefix of four, the
// number of a data buffer and the place in it. The last buffer holds the sizes of the data buffers.
void read_views(ArrowArray const& array, std::vector<TextRef>& refs) {
    constexpr std::size_t kViewSize = 16;
    constexpr std::size_t kInline = 12;
    auto const* view = static_cast<char const*>(array.buffers[1]) +
                       static_cast<std::size_t>(array.offset) * kViewSize;
    std::int64_t const data_buffers = array.n_buffers - 3;
    auto const* const sizes = static_cast<std::int64_t const*>(array.buffers[array.n_buffers - 1]);
    for (std::int64_t i = 0; i < array.length; ++i, view += kViewSize) {
        std::int32_t field[4];
        std::memcpy(field, view, kViewSize);
        auto const [length, prefix, buffer, offset] = field;
        static_cast<void>(prefix);
        char const* data = view + sizeof(std::int32_t);
        if (length < 0) throw py::value_error("a length in the Arrow array is negative");
        if (static_cast<std::size_t>(length) > kInline) {
            if (buffer < 0 || buffer >= data_buffers || offset < 0 ||
                std::int64_t{offset} + length > sizes[buffer]) {
                throw py::value_error("a view in the Arrow array points outside its buffers");
            }
            data = static_cast<char const*>(array.buffers[2 + buffer]) + offset;
        }
        refs.push_back({data, static_cast<std::size_t>(length), TextKind::bytes});
    }
}

void read_chunk(ArrowArray const& array, Layout layout, std::vector<TextRef>& refs) {
    if (array.length == 0) return;
    if (array.length < 0 || array.offset < 0 || array.n_buffers < 3) {
        throw py::value_error("the Arrow array is malformed");
    }
    refuse_nulls(array, refs.size());
    switch (layout) {
        case Layout::offsets32:
            return read_offsets<std::int32_t>(array, refs);
        case Layout::offsets64:
            return read_offsets<std::int64_t>(array, refs);
        case Layout::views:
            return read_views(array, refs);
    }
}

template <class T>
T& from_capsule(py::handle capsule, char const* name) {
    void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
    if (pointer == nullptr) throw py::error_already_set();
    T& value = *static_cast<T*>(pointer);
    if (value.release == nullptr) throw py::value_error("the Arrow data were released already");
    return value;
}

template <class T>
struct Released : T {
    Released() : T{} {}
    ~Released() {
        if (this->release != nullptr) this->release(this);
    }
    Released(Released const&) = delete;
    Released& operator=(Released const&) = delete;
};

using Chunks = std::vector<std::unique_ptr<Released<ArrowArray>>>;

void check(ArrowArrayStream& stream, int status) {
    if (PyErr_Occurred()) throw py::error_already_set();
    if (status == 0) return;
    char const* const reason = stream.get_last_error(&stream);
    throw py::value_error(std::string("the Arrow stream failed: ") +
                          (reason == nullptr ? std::strerror(status) : reason));
}

py::object read_stream(ArrowArrayStream& stream, std::vector<TextRef>& refs) {
    Released<ArrowSchema> schema;
    check(stream, stream.get_schema(&stream, &schema));
    Layout const layout = layout_of(schema);
    auto chunks = std::make_unique<Chunks>();
    for (;;) {
        auto chunk = std::make_unique<Released<ArrowArray>>();
        check(stream, stream.get_next(&stream, chunk.get()));
        if (chunk->release == nullptr) break;
        read_chunk(*chunk, layout, refs);
        chunks->push_back(std::move(chunk));
    }
    py::capsule keep_alive(chunks.get(), [](void* owned) { delete static_cast<Chunks*>(owned); });
    chunks.release();
    return keep_alive;
}

}  // namespace

py::object read_arrow(py::handle texts, bool stream, std::vector<TextRef>& refs) {
    if (stream) {
        py::object const capsule = texts.attr("__arrow_c_stream__")();
        return read_stream(from_capsule<ArrowArrayStream>(capsule, "arrow_array_stream"), refs);
    }
    py::tuple const capsules = texts.attr("__arrow_c_array__")();
    if (capsules.size() != 2) throw py::type_error("__arrow_c_array__ must return two capsules");
    auto const& schema = from_capsule<ArrowSchema>(capsules[0], "arrow_schema");
    auto const& array = from_capsule<ArrowArray>(capsules[1], "arrow_array");
    read_chunk(array, layout_of(schema), refs);
    return capsules;
}

}  // namespace tokmill::bindings
