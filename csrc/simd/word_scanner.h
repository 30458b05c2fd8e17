// Cuts text into the tokens of a WordPattern, 64 bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pretokenizers/word_stepper.h"
#include "simd/isa.h"

namespace tokmill::simd {

// Writes the starts of consecutive tokens as offsets from `base` and moves `cursor`, which must be
// at the start of a token, to the end of the last one; returns their number. Stops at `end` or when
// fewer than 64 places are left of `capacity` (at least 64; that many values may be written), or
// when a single token is so long that 32 bits might not hold the next offset: then the number may
// be as small as 1. Valid UTF-8 in [cursor, end); cursor - base < 2^30. Memory may be read up to
// `readable_end`, but what is behind `end` does not matter.
using ScanWords = std::size_t (*)(WordStepper const& stepper, unsigned char const* base,
                                  unsigned char const*& cursor, unsigned char const* end,
                                  unsigned char const* readable_end, std::uint32_t* starts,
                                  std::size_t capacity);

// The scanner for `pattern` on `isa`.
ScanWords word_scanner(WordPattern const& pattern, Isa isa);

}  // namespace tokmill::simd
