// Where a text can be cut so that the parts are pre-tokenized as if each stood alone, whatever the
// WordPattern is: between words, at places that two characters tell.
#pragma once

#include <cstddef>
#include <string_view>

namespace tokmill {

// Between visible text and the space behind it; between a letter or a number and white space or
// punctuation behind it, but for the apostrophe, which may begin a contraction. 0 < at <
// text.size(), and a character begins there.
bool can_cut_words(std::string_view text, std::size_t at) noexcept;

// The first such place at or behind `from` > 0; the size of the text if there is none.
std::size_t find_cut_of_words(std::string_view text, std::size_t from) noexcept;

}  // namespace tokmill
