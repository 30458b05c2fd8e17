// Replacing in token texts, as several decoders do it.
#pragma once

#include <string>
#include <string_view>

namespace tokmill::stages {

// Every occurrence of `from`, left to right and without overlap; an empty `from` occurs before
// every character and at the end.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// Removes the spaces that tokenization has put around English punctuation and contractions.
std::string clean_up(std::string_view text);

}  // namespace tokmill::stages
