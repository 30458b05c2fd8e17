// Ids to text: the decoding methods of _core.Tokenizer, and _core.StreamDecoder.
#include "decoders/decode.h"

#include <string>

#include "bindings/arrays.h"
#include "bindings/tokenizer.h"

namespace tokmill::bindings {

namespace {

// Ids below which a call keeps the interpreter lock.
constexpr std::size_t kFewIds = 256;

bool to_bool(PyObject* value) {
    if (value == nullptr) return false;
    int const truth = PyObject_IsTrue(value);
    if (truth < 0) throw py::error_already_set();
    return truth != 0;
}

// The name of an error handler of Python's UTF-8 codec.
char const* to_handler(PyObject* errors) {
    if (errors == nullptr) return "replace";
    if (!PyUnicode_Check(errors)) {
        throw py::type_error("errors must be str, not " + std::string(Py_TYPE(errors)->tp_name));
    }
    char const* const handler = PyUnicode_AsUTF8(errors);
    if (handler == nullptr) throw py::error_already_set();
    return handler;
}

PyObject* to_str(std::string_view bytes, char const* handler) {
    PyObject* const text =
        PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), handler);
    if (text == nullptr) throw py::error_already_set();
    return text;
}

// `bytes` may be null: then the object's content is still to be written.
PyObject* to_bytes(char const* bytes, std::size_t size) {
    PyObject* const result = PyBytes_FromStringAndSize(bytes, static_cast<Py_ssize_t>(size));
    if (result == nullptr) throw py::error_already_set();
    return result;
}

// Bytes of short results are copied out of this buffer, which stays allocated between calls unless
// a result was long.
class Scratch {
 public:
    Scratch() : bytes_(buffer()) { bytes_.clear(); }
    ~Scratch() {
        if (bytes_.capacity() > kKept) std::string().swap(bytes_);
    }
    std::string& bytes() noexcept { return bytes_; }

 private:
    static constexpr std::size_t kKept = 64 * 1024;
    static std::string& buffer() {
        thread_local std::string bytes;
        return bytes;
    }
    std::string& bytes_;
};

PyObject* decode(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                 PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<3> const signature("decode", {"ids", "skip_special_tokens", "errors"}, 1);
        auto const [ids, skip, errors] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        bool const skip_special = to_bool(skip);
        char const* const handler = to_handler(errors);
        IdView const view(ids);
        Scratch scratch;
        {
            GilRelease const released(view.ids().size() > kFewIds);
            tokenizer.core().decode(view.ids(), skip_special, scratch.bytes());
        }
        return to_str(scratch.bytes(), handler);
    });
}

PyObject* decode_bytes(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                       PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<2> const signature("decode_bytes", {"ids", "skip_special_tokens"}, 1);
        auto const [ids, skip] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        bool const skip_special = to_bool(skip);
        IdView const view(ids);
        if (!tokenizer.core().decodes_by_concatenation()) {
            Scratch scratch;
            tokenizer.core().decode(view.ids(), skip_special, scratch.bytes());
            return to_bytes(scratch.bytes().data(), scratch.bytes().size());
        }
        TokenTable const& tokens = tokenizer.core().tokens();
        bool const long_enough = view.ids().size() > kFewIds;
        std::size_t size = 0;
        {
            GilRelease const released(long_enough);
            size = decoded_size(tokens, view.ids(), skip_special);
        }
        // Straight into the object that the caller gets.
        PyObject* const result = to_bytes(nullptr, size);
        {
            GilRelease const released(long_enough);
            copy_decoded(tokens, view.ids(), skip_special, PyBytes_AS_STRING(result), size);
        }
        return result;
    });
}

PyMethodDef decode_method = fast_method(
    "decode", decode,
    "decode($self, /, ids, skip_special_tokens=False, errors='replace')\n--\n\n"
    "The text that the ids spell.\n\n"
    "Args:\n"
    "    ids: a sequence or an array of integers.\n"
    "    skip_special_tokens: whether to leave special tokens out.\n"
    "    errors: an error handler of Python's UTF-8 codec, for bytes that are not UTF-8.\n\n"
    "Raises:\n"
    "    UnknownToken: an id is not in the vocabulary; `index` is its place in `ids`.\n"
    "    TypeError: an element is no integer.\n"
    "    UnicodeDecodeError: the bytes are not UTF-8 and `errors` is 'strict'.");

PyMethodDef decode_bytes_method =
    fast_method("decode_bytes", decode_bytes,
                "decode_bytes($self, /, ids, skip_special_tokens=False)\n--\n\n"
                "The bytes that the ids spell, exactly.\n\n"
                "Raises:\n"
                "    UnknownToken: an id is not in the vocabulary; `index` is its place in `ids`.\n"
                "    TypeError: an element is no integer.");

PyMethodDef* const kMethods[] = {&decode_method, &decode_bytes_method};

// All rows into one buffer, with the place where each ends.
struct DecodedRows {
    std::string bytes;
    std::vector<std::size_t> ends;
};

// Errors get the number of the row into their message.
template <class Body>
void in_row(std::size_t row, Body&& body) {
    try {
        body();
    } catch (Error const& error) {
        throw Error(error.kind(), "row " + std::to_string(row) + ": " + error.what(),
                    error.position(), row);
    }
}

py::list to_list(DecodedRows const& rows, char const* handler) {
    py::list texts(rows.ends.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < rows.ends.size(); ++i) {
        std::string_view const row(rows.bytes.data() + begin, rows.ends[i] - begin);
        PyList_SET_ITEM(texts.ptr(), static_cast<Py_ssize_t>(i), to_str(row, handler));
        begin = rows.ends[i];
    }
    return texts;
}

py::list decode_flat(TokenizerObject const& tokenizer, py::object const& ids,
                     py::object const& offsets, bool skip_special, py::str const& errors) {
    char const* const handler = to_handler(errors.ptr());
    BatchView const batch(ids, offsets);
    DecodedRows rows;
    {
        GilRelease const released(batch.ids().size() > kFewIds);
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            in_row(i, [&] { tokenizer.core().decode(batch.row(i), skip_special, rows.bytes); });
            rows.ends.push_back(rows.bytes.size());
        }
    }
    return to_list(rows, handler);
}

py::list decode_rows(TokenizerObject const& tokenizer, py::iterable const& sequences,
                     bool skip_special, py::str const& errors) {
    char const* const handler = to_handler(errors.ptr());
    DecodedRows rows;
    for (py::handle const sequence : sequences) {
        in_row(rows.ends.size(), [&] {
            IdView const view(sequence.ptr());
            GilRelease const released(view.ids().size() > kFewIds);
            tokenizer.core().decode(view.ids(), skip_special, rows.bytes);
        });
        rows.ends.push_back(rows.bytes.size());
    }
    return to_list(rows, handler);
}

// Decodes one id after another for one reader. Keeps its tokenizer alive.
class StreamDecoderObject {
 public:
    StreamDecoderObject(std::shared_ptr<Tokenizer const> core, bool skip_special_tokens)
        : core_(std::move(core)), decoder_(core_->stream(skip_special_tokens)) {}

    py::str push(py::object const& id) { return text(decoder_->push(to_id(id.ptr()))); }
    py::str finish() { return text(decoder_->finish()); }

 private:
    static py::str text(std::string const& utf8) {
        return py::reinterpret_steal<py::str>(to_str(utf8, "strict"));
    }

    std::shared_ptr<Tokenizer const> core_;
    std::unique_ptr<TextStream> decoder_;
};

}  // namespace

void register_decode(py::module_& module, TokenizerClass& type) {
    for (PyMethodDef* const method : kMethods) add_method(type, method);
    type.def("_decode_flat", &decode_flat);
    type.def("_decode_rows", &decode_rows);
    py::class_<StreamDecoderObject>(
        module, "StreamDecoder",
        "Decodes ids one by one, as a model produces them; made by Tokenizer.decode_stream. Text "
        "comes out as soon as it is certain and never in half characters. One stream must not be "
        "used by two threads at once.")
        .def("push", &StreamDecoderObject::push, py::arg("id"),
             "The text that has become certain with this id; may be empty. UnknownToken if there "
             "is no such id, TypeError if it is no integer.")
        .def("finish", &StreamDecoderObject::finish,
             "The rest: U+FFFD if a character is unfinished, else nothing. The decoder can be used "
             "again afterwards.");
    type.def(
        "decode_stream",
        [](TokenizerObject const& self, bool skip_special_tokens) {
            return StreamDecoderObject(self.shared(), skip_special_tokens);
        },
        py::arg("skip_special_tokens") = false, "A decoder for ids that come one by one.");
}

}  // namespace tokmill::bindings
