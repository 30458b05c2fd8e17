// What the Punctuation and BertPreTokenizer stages call punctuation: ASCII's, symbols included, and
// that of an old version of Unicode.
#pragma once

#include <cstdint>

namespace tokmill::stages {

bool is_punctuation(std::uint32_t code_point) noexcept;

}  // namespace tokmill::stages
