// Ids as lists of Python integers, which is what a list costs most of its time for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bindings/python.h"

namespace tokmill::bindings {

// Python integers for ids. A text has few different ids that make up most of it; they are given out
// again instead of being allocated anew. Not for several threads at once.
class Integers {
 public:
    Integers() : recent_(kSlots) {}

    // New reference.
    PyObject* get(std::uint32_t id) {
        Slot& slot = recent_[id % kSlots];
        if (slot.id != id || !slot.number) {
            slot.number = py::reinterpret_steal<py::object>(PyLong_FromUnsignedLong(id));
            if (!slot.number) throw py::error_already_set();
            slot.id = id;
        }
        return Py_NewRef(slot.number.ptr());
    }

    py::list list(std::span<std::uint32_t const> ids) {
        py::list result(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            PyList_SET_ITEM(result.ptr(), static_cast<Py_ssize_t>(i), get(ids[i]));
        }
        return result;
    }

 private:
    static constexpr std::size_t kSlots = 8192;
    struct Slot {
        std::uint32_t id = 0;
        py::object number;
    };
    std::vector<Slot> recent_;
};

}  // namespace tokmill::bindings
