// Texts and ids on their way from Python to the SentencePiece engine.
#include <algorithm>
#include <cstring>
#include <limits>

#include "bindings/sentencepiece.h"
#include "sentencepiece/utf8.h"

namespace tokmill::bindings::spm {
namespace {

constexpr char const* kNotIds =
    "Input must be an integer buffer, list of integers, or a sequence of integers.";

bool try_read(py::handle object, std::string_view& bytes) {
    if (PyUnicode_Check(object.ptr())) {
        Py_ssize_t size = 0;
        char const* const data = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
        if (data == nullptr) {
            PyErr_Clear();
            return false;
        }
        bytes = {data, static_cast<std::size_t>(size)};
    } else if (PyBytes_Check(object.ptr())) {
        bytes = {PyBytes_AS_STRING(object.ptr()),
                 static_cast<std::size_t>(PyBytes_GET_SIZE(object.ptr()))};
    } else if (PyByteArray_Check(object.ptr())) {
        bytes = {PyByteArray_AS_STRING(object.ptr()),
                 static_cast<std::size_t>(PyByteArray_GET_SIZE(object.ptr()))};
    } else {
        return false;
    }
    return true;
}

template <class Integer>
std::int32_t nearest_int(Integer value) {
    using Limits = std::numeric_limits<std::int32_t>;
    if (std::cmp_less(value, Limits::min())) return Limits::min();
    if (std::cmp_greater(value, Limits::max())) return Limits::max();
    return static_cast<std::int32_t>(value);
}

template <class Integer>
void read_items(py::buffer_info const& info, std::vector<std::int32_t>& ids) {
    char const* item = static_cast<char const*>(info.ptr);
    for (std::int32_t& id : ids) {
        Integer value;
        std::memcpy(&value, item, sizeof value);
        id = nearest_int(value);
        item += info.strides[0];
    }
}

template <class Signed, class Unsigned>
void read_items(py::buffer_info const& info, bool is_signed, std::vector<std::int32_t>& ids) {
    if (is_signed) {
        read_items<Signed>(info, ids);
    } else {
        read_items<Unsigned>(info, ids);
    }
}

std::vector<std::int32_t> read_buffer(py::buffer_info const& info) {
    char const format = info.format.empty() ? '\0' : info.format.back();
    bool const is_signed = std::string_view("bhilqn").find(format) != std::string_view::npos;
    bool const is_unsigned = std::string_view("BHILQN").find(format) != std::string_view::npos;
    if (!is_signed && !is_unsigned) throw py::type_error("Buffer must be of integer type");
    if (info.ndim != 1) throw py::type_error("Buffer must be 1-dimensional");
    std::vector<std::int32_t> ids(static_cast<std::size_t>(info.shape[0]));
    switch (info.itemsize) {
        case 1:
            read_items<std::int8_t, std::uint8_t>(info, is_signed, ids);
            break;
        case 2:
            read_items<std::int16_t, std::uint16_t>(info, is_signed, ids);
            break;
        case 4:
            read_items<std::int32_t, std::uint32_t>(info, is_signed, ids);
            break;
        case 8:
            read_items<std::int64_t, std::uint64_t>(info, is_signed, ids);
            break;
        default:
            throw py::type_error("Unsupported buffer integer size (must be 8/16/32/64-bit)");
    }
    return ids;
}

std::int32_t read_id(py::handle item) {
    if (PyFloat_Check(item.ptr())) throw py::type_error(kNotIds);
    auto const number = py::reinterpret_steal<py::object>(PyNumber_Index(item.ptr()));
    int overflow = 0;
    long long const value =
        number ? PyLong_AsLongLongAndOverflow(number.ptr(), &overflow) : std::int64_t{0};
    if (!number) PyErr_Clear();
    if (!number || overflow != 0 || !std::in_range<std::int32_t>(value)) {
        throw py::type_error(kNotIds);
    }
    return static_cast<std::int32_t>(value);
}

}  // namespace

void fail_internal(std::string const& reason) {
    throw std::runtime_error("INTERNAL: " + reason);
}
void fail_invalid_argument(std::string const& reason) {
    throw py::value_error("INVALID_ARGUMENT: " + reason);
}
void fail_out_of_range() {
    throw py::index_error("OUT_OF_RANGE: piece id is out of range.");
}

Text read_text(py::handle object) {
    if (!PyUnicode_Check(object.ptr()) && !PyBytes_Check(object.ptr())) {
        throw py::type_error("Input must be str or bytes");
    }
    Text text{{}, PyBytes_Check(object.ptr()) != 0};
    if (!try_read(object, text.bytes)) {
        throw std::runtime_error("Input must not hold surrogates, which UTF-8 cannot encode");
    }
    return text;
}

Texts::Texts(py::handle sequence) {
    if (!PySequence_Check(sequence.ptr()) || PyUnicode_Check(sequence.ptr()) ||
        PyBytes_Check(sequence.ptr())) {
        throw py::type_error("Input must be a list or tuple of str or bytes");
    }
    keep_alive_ = read_rows(sequence);
    views_.reserve(keep_alive_.size());
    for (py::object const& item : keep_alive_) {
        std::string_view view;
        if (!try_read(item, view)) throw py::type_error("List elements must be str or bytes");
        views_.push_back(view);
    }
    is_bytes_ = !keep_alive_.empty() && PyBytes_Check(keep_alive_[0].ptr()) != 0;
}

std::vector<std::int32_t> read_ids(py::handle object) {
    PyObject* const source = object.ptr();
    bool const is_text =
        PyBytes_Check(source) || PyByteArray_Check(source) || PyUnicode_Check(source);
    if (!is_text && PyObject_CheckBuffer(source)) {
        return read_buffer(py::reinterpret_borrow<py::buffer>(object).request());
    }
    if (is_text || !PySequence_Check(source)) throw py::type_error(kNotIds);
    auto const items = py::reinterpret_steal<py::object>(PySequence_Fast(source, kNotIds));
    if (!items) throw py::error_already_set();
    std::vector<std::int32_t> ids;
    ids.reserve(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(items.ptr())));
    // The list may shrink while __index__ of an item runs.
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
        ids.push_back(
            read_id(py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(items.ptr(), i))));
    }
    return ids;
}

std::vector<py::object> read_rows(py::handle sequence) {
    if (!PySequence_Check(sequence.ptr())) {
        throw py::type_error("Batch input must be a sequence of sequences or a 2D integer array.");
    }
    std::size_t const size = py::len(sequence);
    std::vector<py::object> rows;
    rows.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
        rows.push_back(py::reinterpret_steal<py::object>(
            PySequence_GetItem(sequence.ptr(), static_cast<Py_ssize_t>(i))));
        if (!rows.back()) throw py::error_already_set();
    }
    return rows;
}

std::vector<std::uint32_t> checked(std::vector<std::int32_t> const& ids, std::size_t size) {
    for (std::int32_t const id : ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= size) fail_out_of_range();
    }
    return {ids.begin(), ids.end()};
}

std::vector<std::uint32_t> char_numbers(std::string_view text) {
    std::vector<std::uint32_t> numbers(text.size() + 1);
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = at + sentencepiece::char_size(text.substr(at));
        std::fill(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                  numbers.begin() + static_cast<std::ptrdiff_t>(end), number++);
        at = end;
    }
    numbers.back() = number;
    return numbers;
}

}  // namespace tokmill::bindings::spm
