// What the files of the SentencePiece binding share: reading Python's texts and ids, and the
// exceptions of sentencepiece for the errors of the core.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/python.h"
#include "core/error.h"

namespace tokmill::bindings::spm {

// The names under which sentencepiece reports errors, in front of the message.
[[noreturn]] void fail_internal(std::string const& reason);          // RuntimeError
[[noreturn]] void fail_invalid_argument(std::string const& reason);  // ValueError
[[noreturn]] void fail_out_of_range();                               // IndexError

// Calls `body` and reports errors of the core as sentencepiece does.
template <class Body>
auto reported(Body&& body) {
    try {
        return body();
    } catch (Error const& error) {
        fail_internal(error.what());
    }
}

// A str or bytes object as UTF-8. The object must outlive it.
struct Text {
    std::string_view bytes;
    bool is_bytes;
};
Text read_text(py::handle object);

// A sequence of texts, which stay alive as long as this object.
class Texts {
 public:
    explicit Texts(py::handle sequence);

    std::vector<std::string_view> const& views() const noexcept { return views_; }
    std::size_t size() const noexcept { return views_.size(); }
    bool is_bytes() const noexcept { return is_bytes_; }

 private:
    std::vector<py::object> keep_alive_;
    std::vector<std::string_view> views_;
    bool is_bytes_ = false;  // of the first one
};

// The ids in an array of any integer type or in a sequence. Those that no int can hold are
// TypeErrors in a sequence and the nearest int in an array.
std::vector<std::int32_t> read_ids(py::handle object);

// The elements of a sequence, whose length is asked for once: it may be anything the next time.
std::vector<py::object> read_rows(py::handle sequence);

// IndexError for ids that the vocabulary does not have.
std::vector<std::uint32_t> checked(std::vector<std::int32_t> const& ids, std::size_t size);

inline py::object to_python(std::string_view text, bool as_bytes) {
    if (as_bytes) return py::bytes(text.data(), text.size());
    return py::str(text.data(), text.size());
}

// The number of the character that each byte of a text belongs to, and of the end.
std::vector<std::uint32_t> char_numbers(std::string_view text);

// The result of a normalization and, for each of its bytes (or characters, where the text is a str)
// and for its end, the place in the text that it comes from.
py::object with_origins(Text const& text, std::string const& normalized,
                        std::vector<std::size_t> origins);

void register_processor(py::module_& module);
void register_normalizer(py::module_& module);

}  // namespace tokmill::bindings::spm

namespace tokmill::bindings {

// Adds the submodule `sentencepiece`.
void register_sentencepiece(py::module_& module);

}  // namespace tokmill::bindings
