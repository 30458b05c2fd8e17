// Case-insensitive matching, (?i), of single characters as the regex engines do it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tokmill::unicode {

// Appends all other code points that match `code_point` under (?i), in no particular order. The
// relation is symmetric and transitive, and the same in both regex engines.
void case_equivalents(std::uint32_t code_point, std::vector<std::uint32_t>& out);

// Only onig: under (?i) the code point also matches a sequence of two or three characters, and that
// sequence in a pattern also matches the code point, each character of it compared under (?i). An
// example is U+00DF and "ss".
struct MultiCharacterFold {
    std::uint32_t code_point;
    std::uint8_t length;
    std::array<std::uint32_t, 3> sequence;
};

// All of them, by code point.
std::span<MultiCharacterFold const> multi_character_folds();

}  // namespace tokmill::unicode
