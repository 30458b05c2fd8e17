// The sets of characters that BertNormalizer and StripAccents remove. Both are of older Unicodes
// than everything else (see tools/gen_normalizer_tables.py).
#pragma once

#include <cstdint>

namespace tokmill::stages {

// What BertNormalizer's clean_text removes: control, format and private use characters, U+0000 and
// U+FFFD.
bool is_unclean(std::uint32_t code_point) noexcept;
// What BertNormalizer's strip_accents removes, once decomposed: nonspacing marks.
bool is_nonspacing_mark(std::uint32_t code_point) noexcept;
// What StripAccents removes: marks of all three kinds.
bool is_combining_mark(std::uint32_t code_point) noexcept;

}  // namespace tokmill::stages
