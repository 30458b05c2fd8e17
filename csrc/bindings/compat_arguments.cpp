// Arguments as the reference takes them.
#include "bindings/compat_arguments.h"

#include <limits>
#include <string_view>

namespace tokmill::bindings {

namespace {

[[noreturn]] void throw_python(PyObject* type, char const* message) {
    PyErr_SetString(type, message);
    throw py::error_already_set();
}

py::int_ to_python_int(py::handle value) {
    PyObject* const number = PyNumber_Index(value.ptr());
    if (number == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::int_>(number);
}

bool is_numpy_bool(py::handle value) {
    // Its name alone tells: nothing else need be imported for other values.
    char const* const name = Py_TYPE(value.ptr())->tp_name;
    return std::string_view(name) == "numpy.bool_" || std::string_view(name) == "numpy.bool";
}

}  // namespace

void throw_not_instance(py::handle value, char const* wanted) {
    if (value.is_none()) {
        PyErr_Format(PyExc_TypeError, "'None' is not an instance of '%s'", wanted);
    } else {
        PyErr_Format(PyExc_TypeError, "'%s' object is not an instance of '%s'",
                     Py_TYPE(value.ptr())->tp_name, wanted);
    }
    throw py::error_already_set();
}

bool to_bool(py::handle value) {
    if (value.ptr() == Py_True) return true;
    if (value.ptr() == Py_False) return false;
    if (is_numpy_bool(value)) return PyObject_IsTrue(value.ptr()) == 1;
    throw_not_instance(value, "bool");
}

std::size_t to_usize(py::handle value) {
    py::int_ const number = to_python_int(value);
    unsigned long long const result = PyLong_AsUnsignedLongLong(number.ptr());
    if (result == static_cast<unsigned long long>(-1) && PyErr_Occurred()) {
        throw py::error_already_set();
    }
    return result;
}

std::uint32_t to_u32(py::handle value) {
    py::int_ const number = to_python_int(value);
    long const result = PyLong_AsLong(number.ptr());
    if (result == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (result < 0) throw_python(PyExc_OverflowError, "number too small to fit in target type");
    if (result > static_cast<long>(std::numeric_limits<std::uint32_t>::max())) {
        throw_python(PyExc_OverflowError, "number too large to fit in target type");
    }
    return static_cast<std::uint32_t>(result);
}

std::string to_utf8_string(py::handle value) {
    if (!PyUnicode_Check(value.ptr())) throw_not_instance(value, "str");
    PyObject* const bytes = PyUnicode_AsUTF8String(value.ptr());
    if (bytes == nullptr) throw py::error_already_set();
    return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

py::object to_element_tuple(py::handle sequence) {
    PyObject* const object = sequence.ptr();
    if (PyUnicode_Check(object)) throw py::type_error("Can't extract `str` to `Vec`");
    bool const fits =
        PyList_Check(object) || PyTuple_Check(object) ||
        (PySequence_Check(object) && !PyDict_Check(object) && !PyAnySet_Check(object));
    if (!fits) throw_not_instance(sequence, "Sequence");
    PyObject* const elements = PySequence_Tuple(object);
    if (elements == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(elements);
}

std::vector<std::uint32_t> to_ids(py::handle sequence) {
    py::object const elements = to_element_tuple(sequence);
    auto const size = static_cast<std::size_t>(PyTuple_GET_SIZE(elements.ptr()));
    std::vector<std::uint32_t> ids(size);
    for (std::size_t i = 0; i < size; ++i) {
        ids[i] = to_u32(PyTuple_GET_ITEM(elements.ptr(), static_cast<Py_ssize_t>(i)));
    }
    return ids;
}

void throw_plain_exception(std::string const& message) {
    PyObject* const text = PyUnicode_DecodeUTF8(
        message.data(), static_cast<Py_ssize_t>(message.size()), "backslashreplace");
    if (text != nullptr) {
        PyErr_SetObject(PyExc_Exception, text);
        Py_DECREF(text);
    }
    throw py::error_already_set();
}

}  // namespace tokmill::bindings
