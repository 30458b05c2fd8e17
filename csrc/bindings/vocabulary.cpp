// The vocabulary as Python sees it.
#include <string>

#include "bindings/arrays.h"
#include "bindings/tokenizer.h"

namespace tokmill::bindings {

namespace {

std::uint32_t existing_id(TokenizerObject const& tokenizer, PyObject* value) {
    std::uint32_t const id = to_id(value);
    if (!tokenizer.core().tokens().has(id)) {
        throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(id));
    }
    return id;
}

PyObject* to_str(std::string_view text) {
    PyObject* const string =
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
    if (string == nullptr) throw py::error_already_set();
    return string;
}

PyObject* to_bytes(std::string_view bytes) {
    PyObject* const object =
        PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size()));
    if (object == nullptr) throw py::error_already_set();
    return object;
}

PyObject* id_to_token(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                      PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<1> const signature("id_to_token", {"id"}, 1);
        auto const [id] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        return to_str(tokenizer.names().name(existing_id(tokenizer, id)));
    });
}

PyObject* token_bytes(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                      PyObject* keywords) noexcept {
    return guarded([&] {
        static Signature<1> const signature("token_bytes", {"id"}, 1);
        auto const [id] = signature.bind(arguments, positional, keywords);
        TokenizerObject const& tokenizer = tokenizer_of(self);
        return to_bytes(tokenizer.core().tokens().bytes(existing_id(tokenizer, id)));
    });
}

std::optional<std::uint32_t> find(TokenizerObject const& tokenizer, PyObject* token) {
    if (PyBytes_Check(token)) {
        return tokenizer.core().find_token(
            {PyBytes_AS_STRING(token), static_cast<std::size_t>(PyBytes_GET_SIZE(token))});
    }
    if (!PyUnicode_Check(token)) {
        throw py::type_error("a token must be str or bytes, not " +
                             std::string(Py_TYPE(token)->tp_name));
    }
    // No token holds a lone surrogate.
    auto const utf8 =
        py::reinterpret_steal<py::object>(PyUnicode_AsEncodedString(token, "utf-8", "strict"));
    if (!utf8) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) throw py::error_already_set();
        PyErr_Clear();
        return std::nullopt;
    }
    return tokenizer.names().find(
        {PyBytes_AS_STRING(utf8.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(utf8.ptr()))});
}

PyObject* token_to_id(PyObject* self, PyObject* const* arguments, Py_ssize_t positional,
                      PyObject* keywords) noexcept {
    return guarded([&]() -> PyObject* {
        static Signature<1> const signature("token_to_id", {"token"}, 1);
        auto const [token] = signature.bind(arguments, positional, keywords);
        auto const id = find(tokenizer_of(self), token);
        return id ? PyLong_FromUnsignedLong(*id) : Py_NewRef(Py_None);
    });
}

PyMethodDef id_to_token_method = fast_method(
    "id_to_token", id_to_token,
    "id_to_token($self, /, id)\n--\n\n"
    "The token as the definition spells it.\n\n"
    "For tokenizer.json and vocab.json this is the string in the file, in the byte alphabet of\n"
    "GPT-2 (\"Ġthe\" for the bytes of \" the\"); for tiktoken and tekken files it is the bytes "
    "read\n"
    "as UTF-8, with U+FFFD for what is not. `token_bytes` gives the bytes in every case.\n\n"
    "Raises:\n"
    "    UnknownToken: no token has this id.");

PyMethodDef token_bytes_method = fast_method("token_bytes", token_bytes,
                                             "token_bytes($self, /, id)\n--\n\n"
                                             "The bytes that the token stands for.\n\n"
                                             "Raises:\n"
                                             "    UnknownToken: no token has this id.");

PyMethodDef token_to_id_method = fast_method(
    "token_to_id", token_to_id,
    "token_to_id($self, /, token)\n--\n\n"
    "The id of a token, or None if there is no such token.\n\n"
    "Args:\n"
    "    token: a str in the form that `id_to_token` returns, or the bytes that the token\n"
    "        stands for.");

PyMethodDef* const kMethods[] = {&id_to_token_method, &token_bytes_method, &token_to_id_method};

py::dict special_tokens(TokenizerObject const& tokenizer) {
    py::dict tokens;
    for (auto const& [name, id] : tokenizer.names().special()) {
        tokens[py::reinterpret_steal<py::object>(to_str(name))] = id;
    }
    return tokens;
}

py::dict vocabulary(TokenizerObject const& tokenizer) {
    TokenNames const& names = tokenizer.names();
    TokenTable const& tokens = tokenizer.core().tokens();
    bool const by_bytes = tokenizer.core().head().reference == Reference::tiktoken;
    py::dict result;
    for (std::uint32_t id = 0; id < tokens.size(); ++id) {
        if (!tokens.has(id)) continue;
        std::string const name = names.name(id);
        // Tokens may have names that are not their bytes, such as those of numbers.
        bool const as_bytes = by_bytes && name != tokens.bytes(id) && names.find(name) != id;
        auto const key =
            py::reinterpret_steal<py::object>(as_bytes ? to_bytes(tokens.bytes(id)) : to_str(name));
        result[key] = id;
    }
    // Two special tokens may share an id.
    for (auto const& [name, id] : names.special()) {
        result[py::reinterpret_steal<py::object>(to_str(name))] = id;
    }
    return result;
}

}  // namespace

void register_vocabulary(TokenizerClass& type) {
    for (PyMethodDef* const method : kMethods) add_method(type, method);
    type.def_property_readonly("special_tokens", &special_tokens,
                               "Special tokens, name -> id; a new dict.");
    type.def("get_vocab", &vocabulary,
             "The vocabulary with the added tokens, token -> id; a new dict. Tokens are spelled as "
             "by `id_to_token`, except that tokens of formats which store bytes are bytes where "
             "they are not UTF-8.");
}

}  // namespace tokmill::bindings
