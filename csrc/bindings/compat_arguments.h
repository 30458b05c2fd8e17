// Arguments as the reference takes them, with its complaints: no number stands for a bool, no str
// for a sequence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bindings/python.h"

namespace tokmill::bindings {

[[noreturn]] void throw_not_instance(py::handle value, char const* wanted);

bool to_bool(py::handle value);
std::size_t to_usize(py::handle value);  // OverflowError if negative or too large
std::uint32_t to_u32(py::handle value);  // likewise
std::string to_utf8_string(py::handle value);

// The elements of a list, a tuple, an array or another sequence; a str is none.
py::object to_element_tuple(py::handle sequence);
std::vector<std::uint32_t> to_ids(py::handle sequence);

// Sets Exception(message), which is what the reference raises for whatever its core says.
[[noreturn]] void throw_plain_exception(std::string const& message);

// Runs `body`, turning errors of the core into plain exceptions.
template <class Body>
auto with_plain_exceptions(Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (Error const& error) {
        throw_plain_exception(error.what());
    }
}

}  // namespace tokmill::bindings
