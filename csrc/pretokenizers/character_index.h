// Which character of a text a byte belongs to, asked in any order.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace tokmill::stages {

class CharacterIndex {
 public:
    // Valid UTF-8 that must outlive the index.
    explicit CharacterIndex(std::string_view text);

    // The number of the character that byte `at` is part of; `at` < text.size().
    std::size_t character_of(std::size_t at) const noexcept;

    // A range of bytes in characters. What tokenizers cannot convert it leaves as it is: a range
    // that begins behind the last byte stays in bytes. The end of a range that goes beyond the text
    // is one behind the character of its last byte, or two behind the first character if that byte
    // is outside, too.
    Span characters(Span bytes) const noexcept;

 private:
    static constexpr std::size_t kBlock = 64;

    std::string_view text_;
    std::vector<std::size_t> starts_before_;  // characters that begin before each block
};

}  // namespace tokmill::stages
