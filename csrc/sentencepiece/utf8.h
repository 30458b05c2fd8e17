// Characters of text that may be anything, by the two rules that SentencePiece has: one that looks
// at the first byte alone, and one that checks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "core/inline.h"

namespace tokmill::sentencepiece {

inline constexpr std::string_view kSpaceSymbol = "\xE2\x96\x81";
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// The number of bytes that the first byte announces.
TOKMILL_INLINE std::size_t announced_size(char first) noexcept {
    constexpr unsigned char kSizes[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4};
    return kSizes[static_cast<unsigned char>(first) >> 4];
}

// The same, but not beyond the text, which must not be empty.
TOKMILL_INLINE std::size_t char_size(std::string_view text) noexcept {
    return std::min(announced_size(text[0]), text.size());
}

// The size of the well-formed character that the text begins with; 0 if there is none.
inline std::size_t valid_char_size(std::string_view text) noexcept {
    auto const byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const trails = [&byte](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    unsigned const lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (lead < 0xE0) return text.size() >= 2 && trails(1) ? 2 : 0;
    if (lead < 0xF0) {
        if (text.size() < 3 || !trails(1) || !trails(2)) return 0;
        if (lead == 0xE0 && byte(1) < 0xA0) return 0;
        return lead == 0xED && byte(1) >= 0xA0 ? 0 : 3;
    }
    if (text.size() < 4 || !trails(1) || !trails(2) || !trails(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    return lead == 0xF4 && byte(1) >= 0x90 ? 0 : 4;
}

}  // namespace tokmill::sentencepiece
