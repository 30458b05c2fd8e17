// Python lists of integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bindings/python.h"

namespace tokmill::bindings {

// Fills a list of known length from the front.
class IntListBuilder {
 public:
    explicit IntListBuilder(std::size_t size) : list_(size) {}

    void append(std::span<std::uint32_t const> numbers) {
        for (std::uint32_t const number : numbers) put(make(number));
    }
    void repeat(std::uint32_t number, std::size_t times) {
        if (times == 0) return;
        PyObject* const one = make(number);
        for (std::size_t i = 1; i < times; ++i) put(Py_NewRef(one));
        put(one);
    }
    // When all places are filled.
    py::list take() { return std::move(list_); }

 private:
    static PyObject* make(std::uint32_t number) {
        PyObject* const object = PyLong_FromUnsignedLong(number);
        if (object == nullptr) throw py::error_already_set();
        return object;
    }
    void put(PyObject* number) { PyList_SET_ITEM(list_.ptr(), next_++, number); }

    py::list list_;
    Py_ssize_t next_ = 0;
};

inline py::list to_int_list(std::span<std::uint32_t const> numbers) {
    IntListBuilder list(numbers.size());
    list.append(numbers);
    return list.take();
}

}  // namespace tokmill::bindings
