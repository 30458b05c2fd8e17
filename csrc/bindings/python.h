// What every file of the binding needs: pybind11 (which must come before other headers), the
// translation of errors, and the release of the interpreter lock.
//
// pybind11 defines the classes and the calls that happen once. What is called once a text or once
// an id goes through functions of the C-API with the "fastcall" convention, because pybind11's
// dispatcher alone costs more than encoding a short text.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "core/error.h"

namespace tokmill::bindings {

namespace py = pybind11;

// Sets the Python exception that belongs to `error`: a class of tokmill._errors, OSError for io.
void set_python_error(Error const& error);

// Sets the Python exception for whatever C++ exception is being handled.
void set_python_error_from_current_exception() noexcept;

// Runs the body of a C-API function: C++ exceptions become Python exceptions and nullptr.
template <class Body>
PyObject* guarded(Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        set_python_error_from_current_exception();
        return nullptr;
    }
}

// Releases the interpreter lock for its lifetime, unless the work is too small to be worth it:
// handing the lock over costs other threads more than waiting a few microseconds for it.
class GilRelease {
 public:
    explicit GilRelease(bool worthwhile = true)
        : state_(worthwhile ? PyEval_SaveThread() : nullptr) {}
    ~GilRelease() {
        if (state_ != nullptr) PyEval_RestoreThread(state_);
    }
    GilRelease(GilRelease const&) = delete;
    GilRelease& operator=(GilRelease const&) = delete;

 private:
    PyThreadState* state_;
};

// Code units below which a call keeps the lock.
inline constexpr std::size_t kSmallText = 512;

// The parameters of a fastcall function: all may be given by position or by keyword.
template <std::size_t N>
class Signature {
 public:
    Signature(char const* function, std::array<char const*, N> const& names, std::size_t required)
        : function_(function), required_(required) {
        for (std::size_t i = 0; i < N; ++i) {
            names_[i] = PyUnicode_InternFromString(names[i]);
            if (names_[i] == nullptr) throw py::error_already_set();
        }
    }

    // Borrowed references; nullptr where a parameter was not given.
    std::array<PyObject*, N> bind(PyObject* const* arguments, Py_ssize_t positional,
                                  PyObject* keywords) const {
        std::array<PyObject*, N> bound{};
        if (positional > static_cast<Py_ssize_t>(N)) fail("takes at most %zu arguments", N);
        for (Py_ssize_t i = 0; i < positional; ++i)
            bound[static_cast<std::size_t>(i)] = arguments[i];
        Py_ssize_t const count = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
        for (Py_ssize_t i = 0; i < count; ++i) {
            PyObject* const name = PyTuple_GET_ITEM(keywords, i);
            std::size_t const index = find(name);
            if (bound[index] != nullptr) fail("got multiple values for argument '%U'", name);
            bound[index] = arguments[positional + i];
        }
        for (std::size_t i = 0; i < required_; ++i) {
            if (bound[i] == nullptr) fail("is missing the argument '%U'", names_[i]);
        }
        return bound;
    }

 private:
    std::size_t find(PyObject* name) const {
        for (std::size_t i = 0; i < N; ++i) {
            if (name == names_[i]) return i;
        }
        for (std::size_t i = 0; i < N; ++i) {
            int const same = PyUnicode_Compare(name, names_[i]);
            if (same == -1 && PyErr_Occurred()) throw py::error_already_set();
            if (same == 0) return i;
        }
        fail("got an unexpected keyword argument '%U'", name);
    }

    template <class Argument>
    [[noreturn]] void fail(char const* format, Argument argument) const {
        PyObject* const reason = PyUnicode_FromFormat(format, argument);
        if (reason != nullptr) {
            PyErr_Format(PyExc_TypeError, "%s() %U", function_, reason);
            Py_DECREF(reason);
        }
        throw py::error_already_set();
    }

    char const* function_;
    std::size_t required_;
    std::array<PyObject*, N> names_{};  // interned and kept for the life of the process
};

using FastFunction = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*) noexcept;

// Adds a fastcall method to a class that pybind11 made. `definition` must live for ever.
void add_method(py::handle type, PyMethodDef* definition);

inline PyMethodDef fast_method(char const* name, FastFunction function, char const* doc) {
    return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function)),
            METH_FASTCALL | METH_KEYWORDS, doc};
}

}  // namespace tokmill::bindings
