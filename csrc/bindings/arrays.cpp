// Ids between the core's memory and NumPy arrays.
#include "bindings/arrays.h"

#include <cstring>
#include <limits>
#include <memory>
#include <string>

namespace tokmill::bindings {

namespace {

// Below this, copying into memory that NumPy allocates is cheaper than a capsule that frees ours.
constexpr std::size_t kCopiedIds = 1024;

// Borrowed; NumPy has one for each type in native byte order.
PyObject* uint32_descriptor() {
    static PyObject* const descriptor = py::dtype::of<std::uint32_t>().release().ptr();
    return descriptor;
}

PyObject* new_id_array(std::size_t size, void* data) {
    auto& api = py::detail::npy_api::get();
    Py_intptr_t const shape = static_cast<Py_intptr_t>(size);
    PyObject* const array = api.PyArray_NewFromDescr_(
        api.PyArray_Type_, Py_NewRef(uint32_descriptor()), 1, &shape, nullptr, data,
        data == nullptr ? 0 : py::detail::npy_api::NPY_ARRAY_WRITEABLE_, nullptr);
    if (array == nullptr) throw py::error_already_set();
    return array;
}

[[noreturn]] void throw_unknown(std::string const& value, std::size_t index) {
    std::string message = "no token has the id " + value;
    if (index != kNoPosition) message += " (index " + std::to_string(index) + ")";
    throw Error(ErrorKind::unknown_token, message, index);
}

std::uint32_t checked_id(PyObject* id, std::size_t index) {
    PyObject* number = id;
    py::object converted;
    if (!PyLong_Check(id)) {
        // NumPy's scalars, zero-dimensional tensors and the like.
        converted = py::reinterpret_steal<py::object>(PyNumber_Index(id));
        if (!converted) throw py::error_already_set();
        number = converted.ptr();
    }
    int overflow = 0;
    long long const value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (value == -1 && overflow == 0 && PyErr_Occurred()) throw py::error_already_set();
    if (overflow != 0 || value < 0 || value > std::numeric_limits<std::uint32_t>::max()) {
        throw_unknown(py::str(py::handle(number)), index);
    }
    return static_cast<std::uint32_t>(value);
}

template <class T>
void append_converted(T const* values, std::size_t size, std::vector<std::uint32_t>& out) {
    out.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        if constexpr (std::is_signed_v<T>) {
            if (values[i] < 0) throw_unknown(std::to_string(values[i]), i);
        }
        if constexpr (sizeof(T) > sizeof(std::uint32_t)) {
            if (static_cast<std::uint64_t>(values[i]) > std::numeric_limits<std::uint32_t>::max()) {
                throw_unknown(std::to_string(values[i]), i);
            }
        }
        out[i] = static_cast<std::uint32_t>(values[i]);
    }
}

// Native byte order and no gaps: the forms that the loops here read.
py::array contiguous(py::array const& array) {
    return py::module_::import("numpy").attr("ascontiguousarray")(
        array, py::arg("dtype") = array.dtype().attr("newbyteorder")("="));
}

template <class T>
std::span<T const> checked_span(py::array const& array, char const* what) {
    if (!py::isinstance<py::array_t<T>>(array) || array.ndim() != 1 ||
        !(array.flags() & py::array::c_style)) {
        throw py::type_error(what);
    }
    return {static_cast<T const*>(array.data()), static_cast<std::size_t>(array.size())};
}

}  // namespace

PyObject* ids_to_array(IdBuffer& ids) {
    std::size_t const size = ids.size();
    if (size <= kCopiedIds) {
        PyObject* const array = new_id_array(size, nullptr);
        if (size != 0) {
            std::memcpy(py::detail::array_proxy(array)->data, ids.data(),
                        size * sizeof(std::uint32_t));
        }
        return array;
    }
    // The capsule is made first, so that the memory has an owner whatever fails afterwards.
    std::uint32_t* const data = ids.release();
    PyObject* const owner = PyCapsule_New(data, nullptr, [](PyObject* capsule) {
        std::free(PyCapsule_GetPointer(capsule, nullptr));
    });
    if (owner == nullptr) {
        std::free(data);
        throw py::error_already_set();
    }
    auto const keep = py::reinterpret_steal<py::object>(owner);
    PyObject* const array = new_id_array(size, data);
    if (py::detail::npy_api::get().PyArray_SetBaseObject_(array, Py_NewRef(owner)) != 0) {
        Py_DECREF(array);
        throw py::error_already_set();
    }
    return array;
}

py::object to_array(std::vector<std::int64_t>&& values, bool pairs) {
    auto owned = std::make_unique<std::vector<std::int64_t>>(std::move(values));
    auto const size = static_cast<py::ssize_t>(owned->size());
    std::int64_t* const data = owned->data();
    py::capsule const owner(
        owned.get(), [](void* vector) { delete static_cast<std::vector<std::int64_t>*>(vector); });
    owned.release();
    if (pairs) return py::array_t<std::int64_t>({size / 2, py::ssize_t{2}}, data, owner);
    return py::array_t<std::int64_t>(size, data, owner);
}

std::uint32_t to_id(PyObject* id) {
    return checked_id(id, kNoPosition);
}

IdView::IdView(PyObject* ids) {
    py::handle const handle(ids);
    if (PyList_Check(ids) || PyTuple_Check(ids)) {
        read_sequence(ids);
    } else if (py::isinstance<py::array>(handle)) {
        if (!read_in_place(ids)) read_array(py::reinterpret_borrow<py::array>(handle));
    } else if (PyUnicode_Check(ids) || PyBytes_Check(ids)) {
        throw py::type_error("ids must be integers, not text");
    } else if (PyObject_CheckBuffer(ids) || py::hasattr(handle, "__array__")) {
        read_array(py::module_::import("numpy").attr("asarray")(handle));
    } else {
        PyObject* const list = PySequence_List(ids);
        if (list == nullptr) throw py::error_already_set();
        read_sequence(py::reinterpret_steal<py::object>(list).ptr());
    }
}

// What `encode` returns, recognised without asking Python for attributes.
bool IdView::read_in_place(PyObject* array) {
    using py::detail::npy_api;
    auto const* const fields = py::detail::array_proxy(array);
    constexpr int kNeeded = npy_api::NPY_ARRAY_C_CONTIGUOUS_ | npy_api::NPY_ARRAY_ALIGNED_;
    if (fields->nd != 1 || fields->descr != uint32_descriptor() ||
        (fields->flags & kNeeded) != kNeeded) {
        return false;
    }
    keep_alive_ = py::reinterpret_borrow<py::object>(array);
    ids_ = {static_cast<std::uint32_t const*>(static_cast<void const*>(fields->data)),
            static_cast<std::size_t>(fields->dimensions[0])};
    return true;
}

void IdView::read_array(py::array array) {
    if (array.ndim() != 1) {
        throw py::value_error("ids must have one dimension, not " + std::to_string(array.ndim()));
    }
    auto const size = static_cast<std::size_t>(array.size());
    char const kind = array.dtype().kind();
    // An empty list becomes an array of floats.
    if (size == 0) return;
    if (kind == 'O') return read_sequence(py::object(array.attr("tolist")()).ptr());
    if (kind != 'i' && kind != 'u') {
        throw py::type_error("ids must be integers, not " +
                             std::string(py::str(py::object(array.dtype()))));
    }
    bool const native = array.dtype().attr("isnative").cast<bool>();
    if (!native || !(array.flags() & py::array::c_style) ||
        !(array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_)) {
        array = contiguous(array);
    }
    void const* const data = array.data();
    if (kind == 'u') {
        switch (array.itemsize()) {
            case 1:
                append_converted(static_cast<std::uint8_t const*>(data), size, converted_);
                break;
            case 2:
                append_converted(static_cast<std::uint16_t const*>(data), size, converted_);
                break;
            case 4:
                keep_alive_ = array;
                ids_ = {static_cast<std::uint32_t const*>(data), size};
                return;
            default:
                append_converted(static_cast<std::uint64_t const*>(data), size, converted_);
        }
    } else {
        switch (array.itemsize()) {
            case 1:
                append_converted(static_cast<std::int8_t const*>(data), size, converted_);
                break;
            case 2:
                append_converted(static_cast<std::int16_t const*>(data), size, converted_);
                break;
            case 4:
                append_converted(static_cast<std::int32_t const*>(data), size, converted_);
                break;
            default:
                append_converted(static_cast<std::int64_t const*>(data), size, converted_);
        }
    }
    ids_ = converted_;
}

void IdView::read_sequence(PyObject* sequence) {
    converted_.reserve(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(sequence)));
    // The list may shrink while an element's __index__ runs, hence the size is asked for each time.
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); ++i) {
        auto const item = py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(sequence, i));
        converted_.push_back(checked_id(item.ptr(), static_cast<std::size_t>(i)));
    }
    ids_ = converted_;
}

BatchView::BatchView(py::handle ids, py::handle offsets)
    : ids_array_(py::reinterpret_borrow<py::object>(ids)),
      offsets_array_(py::reinterpret_borrow<py::object>(offsets)),
      ids_(checked_span<std::uint32_t>(ids_array_, "ids must be a contiguous array of uint32")),
      offsets_(checked_span<std::int64_t>(offsets_array_,
                                          "offsets must be a contiguous array of int64")) {
    bool valid = !offsets_.empty() && offsets_.front() == 0 &&
                 static_cast<std::size_t>(offsets_.back()) == ids_.size();
    for (std::size_t i = 1; valid && i < offsets_.size(); ++i)
        valid = offsets_[i - 1] <= offsets_[i];
    if (!valid) throw py::value_error("offsets must rise from 0 to the number of ids");
}

}  // namespace tokmill::bindings
