// One token of a WordPattern at a time, character by character: the plain statement of what the
// pattern means. The vector scanners in simd/ fall back on it where 64 bytes do not decide
// (very long words, rare characters), and the tests hold them against it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pretokenizers/word_pattern.h"

namespace tokmill {

class WordStepper {
 public:
    using Byte = unsigned char;

    explicit WordStepper(WordPattern const& pattern);

    WordPattern const& pattern() const noexcept { return pattern_; }

    // The end of the token that starts at `p`; `p` < `end`, valid UTF-8. Linear in what it looks
    // at: the token and, for white space and o200k words, the run of characters that it is cut
    // from.
    Byte const* step(Byte const* p, Byte const* end) const noexcept;

    // Length of 's 't 're 've 'm 'll 'd at `p`, or 0. U+017F (long s) folds to s.
    std::size_t contraction(Byte const* p, Byte const* end) const noexcept;

 private:
    struct Char;
    Char read(Byte const* p, Byte const* end) const noexcept;
    bool is_word(Char c) const noexcept;
    bool is_prefix(Char c) const noexcept;
    bool is_punctuation(Char c) const noexcept;
    Byte const* word(Byte const* p, Byte const* end) const noexcept;
    Byte const* letters(Byte const* p, Byte const* end) const noexcept;
    Byte const* cased_letters(Byte const* p, Byte const* end) const noexcept;
    Byte const* number(Byte const* p, Byte const* end) const noexcept;
    Byte const* punctuation(Byte const* p, Byte const* end) const noexcept;
    Byte const* white_space(Byte const* p, Byte const* end) const noexcept;

    WordPattern pattern_;
    std::uint8_t const* bmp_;  // bmp_char_classes()
};

}  // namespace tokmill
