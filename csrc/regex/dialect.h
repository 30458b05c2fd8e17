// Whose regular expressions a pattern is written in.
#pragma once

#include <cstdint>

namespace tokmill::regex {

enum class Dialect : std::uint8_t {
    onig,   // Oniguruma 6.9 with Ruby syntax and UTF-8, as tokenizers 0.23 uses it
    fancy,  // fancy-regex / regex crate, as tiktoken 0.14 uses it
};

}  // namespace tokmill::regex
