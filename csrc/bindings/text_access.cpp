// From Python's strings to the core's TextRef.
#include "bindings/text_access.h"

#include <string>

namespace tokmill::bindings {

namespace {

TextRef str_ref(PyObject* text) {
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(text) != 0) throw py::error_already_set();
#endif
    auto const length = static_cast<std::size_t>(PyUnicode_GET_LENGTH(text));
    void const* const data = PyUnicode_DATA(text);
    if (PyUnicode_IS_ASCII(text)) return {data, length, TextKind::ascii};
    switch (PyUnicode_KIND(text)) {
        case PyUnicode_1BYTE_KIND:
            return {data, length, TextKind::latin1};
        case PyUnicode_2BYTE_KIND:
            return {data, length, TextKind::ucs2};
        default:
            return {data, length, TextKind::ucs4};
    }
}

bool try_text_ref(PyObject* text, TextRef& ref) {
    if (PyUnicode_Check(text)) {
        ref = str_ref(text);
    } else if (PyBytes_Check(text)) {
        ref = {PyBytes_AS_STRING(text), static_cast<std::size_t>(PyBytes_GET_SIZE(text)),
               TextKind::bytes};
    } else {
        return false;
    }
    return true;
}

}  // namespace

TextRef text_ref(PyObject* text) {
    TextRef ref;
    if (!try_text_ref(text, ref)) {
        throw py::type_error("text must be str or bytes, not " +
                             std::string(Py_TYPE(text)->tp_name));
    }
    return ref;
}

TextRows::TextRows(PyObject* texts) {
    py::handle const handle(texts);
    PyObject* tuple = nullptr;
    if (PyList_Check(texts) || PyTuple_Check(texts)) {
        tuple = PySequence_Tuple(texts);
    } else if (PyUnicode_Check(texts) || PyBytes_Check(texts)) {
        throw py::type_error("texts must be a sequence of str or bytes, not one text");
    } else if (py::isinstance<py::array>(handle)) {
        auto const array = py::reinterpret_borrow<py::array>(handle);
        if (array.ndim() != 1) {
            throw py::value_error("texts must have one dimension, not " +
                                  std::to_string(array.ndim()));
        }
        tuple = PySequence_Tuple(py::object(array.attr("tolist")()).ptr());
    } else if (py::hasattr(handle, "__arrow_c_array__")) {
        keep_alive_ = read_arrow(handle, false, refs_);
        return;
    } else if (py::hasattr(handle, "__arrow_c_stream__")) {
        keep_alive_ = read_arrow(handle, true, refs_);
        return;
    } else {
        tuple = PySequence_Tuple(texts);
    }
    if (tuple == nullptr) throw py::error_already_set();
    keep_alive_ = py::reinterpret_steal<py::object>(tuple);
    read_tuple();
}

TextRows::~TextRows() = default;

void TextRows::read_tuple() {
    PyObject* const tuple = keep_alive_.ptr();
    auto const size = static_cast<std::size_t>(PyTuple_GET_SIZE(tuple));
    refs_.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        PyObject* const row = PyTuple_GET_ITEM(tuple, static_cast<Py_ssize_t>(i));
        if (!try_text_ref(row, refs_[i])) {
            throw py::type_error("row " + std::to_string(i) + " must be str or bytes, not " +
                                 Py_TYPE(row)->tp_name);
        }
    }
}

bool TextRows::large() const noexcept {
    std::size_t units = 0;
    for (auto const& ref : refs_) {
        units += ref.length;
        if (units > kSmallText) return true;
    }
    return false;
}

}  // namespace tokmill::bindings
