// The cursor over a pattern that the parsers share, and how they report errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/utf8_decode.h"

namespace tokmill::regex {

[[noreturn]] inline void throw_at(ErrorKind kind, std::string const& what, std::size_t position) {
    throw Error(kind, "regular expression: " + what + " at byte " + std::to_string(position),
                position);
}
// The pattern breaks its dialect's grammar.
[[noreturn]] inline void invalid_at(std::string const& what, std::size_t position) {
    throw_at(ErrorKind::invalid_tokenizer, what, position);
}
// The pattern is fine, but cannot be matched exactly here.
[[noreturn]] inline void unsupported_at(std::string const& what, std::size_t position) {
    throw_at(ErrorKind::unsupported_tokenizer, what + " is not supported", position);
}

class PatternReader {
 public:
    // `pattern` must be valid UTF-8.
    explicit PatternReader(std::string_view pattern) : text_(pattern) {}

    std::string_view text() const noexcept { return text_; }
    std::size_t position() const noexcept { return position_; }
    void seek(std::size_t position) noexcept { position_ = position; }
    bool at_end() const noexcept { return position_ == text_.size(); }
    std::string_view rest() const noexcept { return text_.substr(position_); }

    bool next_is(char c) const noexcept { return !at_end() && text_[position_] == c; }
    bool next_is(std::string_view prefix) const noexcept { return rest().starts_with(prefix); }

    bool skip(char c) noexcept { return skip(std::string_view(&c, 1)); }
    bool skip(std::string_view prefix) noexcept {
        bool const found = next_is(prefix);
        if (found) position_ += prefix.size();
        return found;
    }

    // The next code point; not at the end.
    std::uint32_t take() noexcept {
        auto const decoded =
            decode_char(reinterpret_cast<unsigned char const*>(text_.data()) + position_);
        position_ += decoded.size;
        return decoded.code_point;
    }

 private:
    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace tokmill::regex
