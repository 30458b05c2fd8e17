// Questions about UTF-8: is it valid, how far, is it only ASCII.
#pragma once

#include <cstddef>
#include <string_view>

#include "simd/isa.h"

namespace tokmill::simd {

// The length of the longest prefix of `text` that is valid UTF-8 in the strict sense: shortest
// forms only, no surrogates, nothing beyond U+10FFFF, no unfinished character at its end.
std::size_t valid_utf8_prefix(std::string_view text);

bool is_ascii(std::string_view text);

// The same on a given instruction set, which must be available: for tests.
std::size_t valid_utf8_prefix(std::string_view text, Isa isa);
bool is_ascii(std::string_view text, Isa isa);

}  // namespace tokmill::simd
