// What a chunk takes from the cache of its thread.
#pragma once

#include <cstddef>

#include "models/word_cache.h"
#include "models/word_chunk.h"
#include "models/word_table.h"

namespace tokmill {

// Takes pending words whose entries hold their ids themselves, and asks for the memory that the
// others will need, in `seen` or in the second lines of `known`.
void take_seen(WordChunk& chunk, WordCache const& seen, WordTable const& known);

// Whether word i is in the cache; it has its ids then.
bool put_seen(std::size_t i, WordChunk& chunk, WordCache const& seen);

}  // namespace tokmill
