// The merging of a few symbols: the inner loop behind every word that no table knows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/pair_table.h"
#include "simd/isa.h"

namespace tokmill::simd {

inline constexpr std::size_t kMaxShortMerge = 16;

struct ShortMerge {
    std::uint32_t symbols[kMaxShortMerge];  // symbols[i] is valid where bit i of `starts` is set
    std::uint32_t starts;                   // bit i: a symbol begins at byte i
    std::uint32_t last_priority;            // of the last merge, or kNoMerge
};

// `size` is 1 to kMaxShortMerge; kMaxShortMerge bytes must be readable at `text`.
using MergeShort = void (*)(PairTable const& pairs, unsigned char const* text, std::size_t size,
                            ShortMerge& result);

MergeShort short_merger(Isa isa);

struct ShortWord {
    unsigned char text[kMaxShortMerge];
    std::uint32_t size;
};

// The same for many words; quicker than one by one.
using MergeWords = void (*)(PairTable const& pairs, ShortWord const* words, std::size_t count,
                            ShortMerge* results);

MergeWords word_merger(Isa isa);

// The same from any 1 to kMaxShortMerge symbols on; what counts as bytes above are symbols here.
using MergeSymbols = void (*)(PairTable const& pairs, std::uint32_t const* symbols,
                              std::size_t size, ShortMerge& result);

MergeSymbols symbol_merger(Isa isa);

}  // namespace tokmill::simd
