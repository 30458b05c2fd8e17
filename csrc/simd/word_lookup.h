// Looks a chunk of words up in the vocabulary's word table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/word_table.h"
#include "simd/isa.h"

namespace tokmill::simd {

inline constexpr std::size_t kMaxLookup = 256;

struct WordLookup {
    // Input: word i is [begins[i], ends[i]) of base; at most kMaxLookup words.
    unsigned char const* base;
    std::uint32_t const* begins;
    std::uint32_t const* ends;
    std::size_t count;
    unsigned char const* readable_end;  // memory may be read up to here

    // Output.
    WordKey* keys;            // the key of every word; kNoWord for a long one
    std::uint32_t (*ids)[8];  // ids[i][0] of every word that its first line holds
    std::uint16_t* pending;   // the indices of all others, ascending; room for count + 1
};

// Returns the number of pending words.
using LookupWords = std::size_t (*)(WordTable const& table, WordLookup const& lookup);

LookupWords word_lookup(Isa isa);

}  // namespace tokmill::simd
