// Scratch and caches of one thread that turns words into ids.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/large_vector.h"
#include "models/bpe_merge.h"
#include "models/word_cache.h"
#include "models/word_chunk.h"

namespace tokmill {

// What has been met before, nearly: some are forgotten, and a few are mistaken for others.
class MetBefore {
 public:
    MetBefore() : tags_(kSets * kWays) {}

    void const* place(WordKey key) const noexcept { return &tags_[set_of(key)]; }
    // Whether the key was met; it is now.
    bool again(WordKey key) noexcept {
        std::uint32_t* const tags = &tags_[set_of(key)];
        auto const tag = static_cast<std::uint32_t>(key.low >> 32);
        if (std::find(tags, tags + kWays, tag) != tags + kWays) return true;
        std::copy_backward(tags, tags + kWays - 1, tags + kWays);
        tags[0] = tag;
        return false;
    }

 private:
    static constexpr std::size_t kSets = std::size_t{1} << 13, kWays = 4;

    static std::size_t set_of(WordKey key) noexcept { return key.high % kSets * kWays; }

    LargeVector<std::uint32_t> tags_;
};

// The same for runs of many words that are remembered as a whole.
struct RunState {
    explicit RunState(std::size_t cache_budget) : cache(cache_budget) {}

    WordCache cache;
    MetBefore met;
    WordChunk chunk;  // the words of one run
    std::vector<std::uint32_t> ids;
};

struct WordState {
    explicit WordState(std::size_t cache_budget) : seen(cache_budget), budget_(cache_budget) {}

    // Made when it is asked for first; it gets half of the budget.
    RunState& runs() {
        if (runs_ == nullptr) {
            seen = WordCache(budget_ / 2);
            runs_ = std::make_unique<RunState>(budget_ / 2);
        }
        return *runs_;
    }

    WordCache seen;
    WordChunk chunks[2];  // one is filled while the other one waits for memory
    std::vector<Symbol> symbols;
    std::vector<std::uint32_t> ids;

 private:
    std::unique_ptr<RunState> runs_;
    std::size_t budget_;
};

}  // namespace tokmill
