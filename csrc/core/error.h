// The one exception type of the core. The bindings turn each kind into the Python exception
// of the same name; the message has position and reason. What was being
// loaded only the caller knows: the bindings put its name before the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace tokmill {

enum class ErrorKind : std::uint8_t {
    unsupported_tokenizer,  // a valid definition with a feature that cannot be reproduced exactly
    invalid_tokenizer,      // a definition that is broken: truncated, inconsistent, out of range
    invalid_input,          // text that cannot be encoded (with its byte position)
    unknown_token,          // an id or a token that the vocabulary does not have
    io,                     // the operating system refused
};

inline constexpr std::size_t kNoPosition = static_cast<std::size_t>(-1);

class Error : public std::runtime_error {
 public:
    Error(ErrorKind kind, std::string const& message, std::size_t position = kNoPosition,
          std::size_t row = kNoPosition)
        : std::runtime_error(message), kind_(kind), position_(position), row_(row) {}

    ErrorKind kind() const noexcept { return kind_; }
    // Byte offset into the definition or the text, index into the ids; kNoPosition if none applies.
    std::size_t position() const noexcept { return position_; }
    // Index in a batch; kNoPosition outside batches.
    std::size_t row() const noexcept { return row_; }

 private:
    ErrorKind kind_;
    std::size_t position_;
    std::size_t row_;
};

}  // namespace tokmill
