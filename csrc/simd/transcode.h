// Text in fixed-width code units (as CPython stores its strings) to UTF-8.
#pragma once

#include <cstddef>

#include "core/text_ref.h"
#include "simd/isa.h"

namespace tokmill::simd {

// How many bytes transcode_to_utf8() may touch: the longest UTF-8 that so many code units can have,
// and 64 bytes more because the kernels store whole registers.
std::size_t utf8_length_bound(TextRef text) noexcept;

// Writes the UTF-8 of `text` to `out`, which has room for utf8_length_bound(text) bytes, and
// returns its length. `ascii` and `bytes` are copied as they are. Throws Error(invalid_input) with
// the position (in characters) of a surrogate or of a number beyond U+10FFFF.
std::size_t transcode_to_utf8(TextRef text, char* out);

// The same on a given instruction set, which must be available: for tests.
std::size_t transcode_to_utf8(TextRef text, char* out, Isa isa);

}  // namespace tokmill::simd
