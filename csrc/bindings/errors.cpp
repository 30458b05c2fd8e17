// From C++ exceptions to Python exceptions.
#include <string>

#include "bindings/python.h"

namespace tokmill::bindings {

namespace {

char const* class_name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::unsupported_tokenizer:
            return "UnsupportedTokenizer";
        case ErrorKind::invalid_tokenizer:
            return "InvalidTokenizer";
        case ErrorKind::invalid_input:
            return "InvalidInput";
        case ErrorKind::unknown_token:
            return "UnknownToken";
        case ErrorKind::io:
            break;
    }
    return nullptr;
}

py::object index_or_none(std::size_t index) {
    return index == kNoPosition ? py::object(py::none()) : py::object(py::int_(index));
}

// Messages quote the text or the file that they complain about, which may not be UTF-8.
py::str message_of(std::exception const& error) {
    std::string const message = error.what();
    PyObject* const text = PyUnicode_DecodeUTF8(
        message.data(), static_cast<Py_ssize_t>(message.size()), "backslashreplace");
    if (text == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::str>(text);
}

}  // namespace

void set_python_error(Error const& error) {
    char const* const name = class_name(error.kind());
    if (name == nullptr) {
        PyErr_SetObject(PyExc_OSError, message_of(error).ptr());
        return;
    }
    py::object const type = py::module_::import("tokmill._errors").attr(name);
    // An unknown id is an element of a sequence: its place there is what the caller calls its
    // index.
    bool const of_ids = error.kind() == ErrorKind::unknown_token;
    py::object const instance = type(
        message_of(error),
        py::arg("index") = index_or_none(of_ids ? error.position() : error.row()),
        py::arg("position") = of_ids ? py::object(py::none()) : index_or_none(error.position()));
    PyErr_SetObject(type.ptr(), instance.ptr());
}

void set_python_error_from_current_exception() noexcept {
    try {
        try {
            throw;
        } catch (Error const& error) {
            set_python_error(error);
        }
    } catch (py::error_already_set& error) {
        error.restore();
    } catch (py::builtin_exception const& error) {
        error.set_error();
    } catch (std::bad_alloc const&) {
        PyErr_NoMemory();
    } catch (std::exception const& error) {
        PyErr_SetString(PyExc_RuntimeError, error.what());
    } catch (...) {
        PyErr_SetString(PyExc_SystemError, "an exception of unknown type left the core");
    }
}

void add_method(py::handle type, PyMethodDef* definition) {
    PyObject* const method =
        PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(type.ptr()), definition);
    if (method == nullptr) throw py::error_already_set();
    py::setattr(type, definition->ml_name, py::reinterpret_steal<py::object>(method));
}

void register_errors() {
    py::register_local_exception_translator([](std::exception_ptr pointer) {
        try {
            if (pointer) std::rethrow_exception(pointer);
        } catch (Error const& error) {
            set_python_error(error);
        }
    });
}

}  // namespace tokmill::bindings
