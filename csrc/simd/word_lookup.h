// Looks a chunk of words up in the vocabulary's word table.
#pragma once

#include "models/word_chunk.h"
#include "models/word_table.h"
#include "simd/isa.h"

namespace tokmill::simd {

struct WordLookup {
    // Makes the keys of all words, kNoWord for long ones, and asks for the lines of the table.
    void (*prepare)(WordTable const& table, WordChunk& chunk);
    // Finds ids[i][0] of every word that its first line holds; all others become pending.
    void (*find)(WordTable const& table, WordChunk& chunk);
};

WordLookup word_lookup(Isa isa);

}  // namespace tokmill::simd
