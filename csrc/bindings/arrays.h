// Results as NumPy arrays that own the memory the core filled: no copy of anything large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bindings/python.h"
#include "core/id_buffer.h"

namespace tokmill::bindings {

// A new writable array of shape (n,) with a copy of a few ids, or (for many) with the memory of the
// buffer itself, which is empty afterwards. New reference.
PyObject* ids_to_array(IdBuffer& ids);

// Shape (n,), or (n / 2, 2) for pairs; takes the vector's memory.
py::object to_array(std::vector<std::int64_t>&& values, bool pairs = false);

// The ids in a Python object: an array of any integer type, a list, a tuple, or any other sequence
// of integers. An element that is no id raises UnknownToken with its index, one that is no integer
// TypeError. A contiguous array of uint32 is read in place.
class IdView {
 public:
    explicit IdView(PyObject* ids);

    std::span<std::uint32_t const> ids() const noexcept { return ids_; }

 private:
    bool read_in_place(PyObject* array);
    void read_array(py::array array);
    void read_sequence(PyObject* sequence);

    py::object keep_alive_;
    std::vector<std::uint32_t> converted_;
    std::span<std::uint32_t const> ids_;
};

// One id given as a Python integer; UnknownToken without an index if no id can have this value.
std::uint32_t to_id(PyObject* id);

// The rows of a batch: ids (uint32) and offsets (int64, rows + 1, from 0 to len(ids), never
// decreasing), checked. The arrays stay alive as long as the view.
class BatchView {
 public:
    BatchView(py::handle ids, py::handle offsets);

    std::size_t rows() const noexcept { return offsets_.size() - 1; }
    std::span<std::uint32_t const> ids() const noexcept { return ids_; }
    std::span<std::int64_t const> offsets() const noexcept { return offsets_; }
    std::span<std::uint32_t const> row(std::size_t i) const noexcept {
        return ids_.subspan(static_cast<std::size_t>(offsets_[i]),
                            static_cast<std::size_t>(offsets_[i + 1] - offsets_[i]));
    }

 private:
    py::array ids_array_;
    py::array offsets_array_;
    std::span<std::uint32_t const> ids_;
    std::span<std::int64_t const> offsets_;
};

}  // namespace tokmill::bindings
