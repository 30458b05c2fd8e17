// Scratch and caches of one thread that turns words into ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/bpe_merge.h"
#include "models/word_cache.h"
#include "models/word_chunk.h"

namespace tokmill {

struct WordState {
    explicit WordState(std::size_t cache_budget) : seen(cache_budget) {}

    WordCache seen;
    WordChunk chunks[2];  // one is filled while the other one waits for memory
    std::vector<Symbol> symbols;
    std::vector<std::uint32_t> ids;
};

}  // namespace tokmill
