// What tokmill.Batch does with its two arrays: Python lists, padded matrices, Arrow memory.
#include <algorithm>
#include <memory>
#include <string>

#include "bindings/arrays.h"
#include "bindings/arrow_abi.h"
#include "bindings/id_lists.h"
#include "bindings/tokenizer.h"

namespace tokmill::bindings {

namespace {

py::list batch_to_lists(py::object const& ids, py::object const& offsets) {
    BatchView const batch(ids, offsets);
    Integers integers;
    py::list rows(batch.rows());
    for (std::size_t i = 0; i < batch.rows(); ++i) {
        PyList_SET_ITEM(rows.ptr(), static_cast<Py_ssize_t>(i),
                        integers.list(batch.row(i)).release().ptr());
    }
    return rows;
}

// The matrix and its mask, rows x width, both of the element type T.
template <class T>
void pad_rows(BatchView const& batch, std::size_t width, T pad, bool left, T* matrix, T* mask) {
    for (std::size_t i = 0; i < batch.rows(); ++i, matrix += width, mask += width) {
        auto const row = batch.row(i).first(std::min(width, batch.row(i).size()));
        std::size_t const begin = left ? width - row.size() : 0;
        std::size_t const end = begin + row.size();
        std::fill(matrix, matrix + begin, pad);
        std::transform(row.begin(), row.end(), matrix + begin,
                       [](std::uint32_t id) { return static_cast<T>(id); });
        std::fill(matrix + end, matrix + width, pad);
        std::fill(mask, mask + begin, T{0});
        std::fill(mask + begin, mask + end, T{1});
        std::fill(mask + end, mask + width, T{0});
    }
}

template <class T>
py::tuple padded(BatchView const& batch, std::size_t width, long long pad_id, bool left) {
    std::array<py::ssize_t, 2> const shape{static_cast<py::ssize_t>(batch.rows()),
                                           static_cast<py::ssize_t>(width)};
    py::array_t<T> matrix(shape);
    py::array_t<T> mask(shape);
    T* const matrix_data = matrix.mutable_data();
    T* const mask_data = mask.mutable_data();
    {
        GilRelease const released;
        pad_rows(batch, width, static_cast<T>(pad_id), left, matrix_data, mask_data);
    }
    return py::make_tuple(matrix, mask);
}

py::tuple batch_to_padded(py::object const& ids, py::object const& offsets, py::ssize_t length,
                          long long pad_id, bool left, std::string const& dtype) {
    BatchView const batch(ids, offsets);
    std::size_t width = 0;
    if (length >= 0) {
        width = static_cast<std::size_t>(length);
    } else {
        for (std::size_t i = 0; i < batch.rows(); ++i) width = std::max(width, batch.row(i).size());
    }
    if (dtype == "int64") return padded<std::int64_t>(batch, width, pad_id, left);
    if (dtype == "int32") return padded<std::int32_t>(batch, width, pad_id, left);
    if (dtype == "uint32") return padded<std::uint32_t>(batch, width, pad_id, left);
    throw py::value_error("dtype must be \"int64\", \"int32\" or \"uint32\", not \"" + dtype + '"');
}

// What an exported array of lists needs to live: its buffers are the memory of the NumPy arrays.
struct Exported {
    py::object ids;
    py::object offsets;
    ArrowArray child{};
    ArrowArray* children[1] = {&child};
    void const* list_buffers[2] = {nullptr, nullptr};
    void const* value_buffers[2] = {nullptr, nullptr};
};

void release_child(ArrowArray* array) {
    array->release = nullptr;
}

// May be called by any thread, with or without the interpreter lock, even while Python shuts down:
// then the memory goes with the process.
void release_list(ArrowArray* array) {
    auto* const exported = static_cast<Exported*>(array->private_data);
    if (exported->child.release != nullptr) exported->child.release(&exported->child);
    array->release = nullptr;
    if (!Py_IsInitialized()) return;
    py::gil_scoped_acquire const locked;
    delete exported;
}

void release_schema_child(ArrowSchema* schema) {
    schema->release = nullptr;
}

constexpr std::int64_t kNullable = 2;  // ARROW_FLAG_NULLABLE, as pyarrow has it by default

struct ExportedSchema {
    ArrowSchema child{};
    ArrowSchema* children[1] = {&child};
};

void release_schema(ArrowSchema* schema) {
    auto* const exported = static_cast<ExportedSchema*>(schema->private_data);
    if (exported->child.release != nullptr) exported->child.release(&exported->child);
    schema->release = nullptr;
    delete exported;
}

template <class T>
void destroy_capsule(PyObject* capsule) {
    auto* const value = static_cast<T*>(PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
    if (value->release != nullptr) value->release(value);
    delete value;
}

template <class T>
py::capsule to_capsule(std::unique_ptr<T> value, char const* name) {
    PyObject* const capsule = PyCapsule_New(value.get(), name, &destroy_capsule<T>);
    if (capsule == nullptr) {
        value->release(value.get());
        throw py::error_already_set();
    }
    value.release();
    return py::reinterpret_steal<py::capsule>(capsule);
}

// large_list<uint32>
py::capsule batch_arrow_schema() {
    auto exported = std::make_unique<ExportedSchema>();
    exported->child.format = "I";
    exported->child.name = "item";
    exported->child.flags = kNullable;
    exported->child.release = release_schema_child;
    auto schema = std::make_unique<ArrowSchema>();
    *schema = {};
    schema->format = "+L";
    schema->name = "";
    schema->n_children = 1;
    schema->children = exported->children;
    schema->release = release_schema;
    schema->private_data = exported.release();
    return to_capsule(std::move(schema), "arrow_schema");
}

py::tuple batch_arrow_array(py::object const& ids, py::object const& offsets) {
    BatchView const batch(ids, offsets);
    auto exported = std::make_unique<Exported>();
    exported->ids = ids;
    exported->offsets = offsets;
    exported->value_buffers[1] = batch.ids().data();
    exported->list_buffers[1] = batch.offsets().data();
    exported->child.length = static_cast<std::int64_t>(batch.ids().size());
    exported->child.n_buffers = 2;
    exported->child.buffers = exported->value_buffers;
    exported->child.release = release_child;
    auto array = std::make_unique<ArrowArray>();
    *array = {};
    array->length = static_cast<std::int64_t>(batch.rows());
    array->n_buffers = 2;
    array->n_children = 1;
    array->buffers = exported->list_buffers;
    array->children = exported->children;
    array->release = release_list;
    array->private_data = exported.release();
    py::capsule const array_capsule = to_capsule(std::move(array), "arrow_array");
    return py::make_tuple(batch_arrow_schema(), array_capsule);
}

}  // namespace

void register_batch(py::module_& module) {
    module.def("batch_to_lists", &batch_to_lists, py::arg("ids"), py::arg("offsets"));
    module.def("batch_to_padded", &batch_to_padded, py::arg("ids"), py::arg("offsets"),
               py::arg("length"), py::arg("pad_id"), py::arg("left"), py::arg("dtype"));
    module.def("batch_arrow_schema", &batch_arrow_schema);
    module.def("batch_arrow_array", &batch_arrow_array, py::arg("ids"), py::arg("offsets"));
}

}  // namespace tokmill::bindings
