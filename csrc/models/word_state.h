// Scratch and caches of one thread that turns words into ids.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/large_vector.h"
#include "core/prefetch.h"
#include "models/bpe_merge.h"
#include "models/run_key.h"
#include "models/word_cache.h"
#include "models/word_chunk.h"

namespace tokmill {

// What has been met before, nearly: some are forgotten, and a few are mistaken for others.
class MetBefore {
 public:
    // For again(), soon.
    void prepare(WordKey key) const noexcept {
        if (!tags_.empty()) prefetch(&tags_[set_of(key)]);
    }
    // Whether the key was met; it is now.
    bool again(WordKey key) {
        if (tags_.empty()) tags_.resize(kSets * kWays);
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

// Short words that are merged together: where they are in their chunk, and what becomes of them.
struct ShortMerges {
    std::vector<simd::ShortWord> words;
    std::vector<std::uint32_t> places;
    std::vector<simd::ShortMerge> results;

    void clear() noexcept {
        words.clear();
        places.clear();
    }
};

// For runs of many words that are remembered as a whole.
struct RunState {
    // A record is many times as large as its entry.
    explicit RunState(std::size_t cache_budget) : cache(cache_budget / 8, cache_budget) {}

    // Whether one more is to be remembered. Where others have to go for it, only now and then: of
    // texts that are together too large, those that are there are as likely to come again.
    bool admits() noexcept { return !cache.is_full() || ++refused % 16 == 0; }

    WordCache cache;
    std::size_t refused = 0;
    MetBefore met;
    WordChunk chunk;  // the words of one run
    std::vector<std::uint32_t> ids;
};

struct WordState {
    explicit WordState(std::size_t cache_budget)
        : seen(cache_budget / 4, cache_budget / 8), run_budget_(cache_budget / 2) {}

    // Made when it is asked for first.
    RunState& runs() {
        if (runs_ == nullptr) runs_ = std::make_unique<RunState>(run_budget_);
        return *runs_;
    }

    // Whether a text that may be worth remembering has most likely been met twice before, by its
    // beginning, its end, and its size: to remember it takes as long as half a pass over it, which
    // one repetition would not pay for.
    bool comes_again(std::string_view text) {
        constexpr std::size_t kWorthwhile = 512, kBegin = 128, kEnd = 64;
        if (text.size() < kWorthwhile) return false;
        WordKey key = run_key(text.substr(0, kBegin));
        key.low += run_key(text.substr(text.size() - kEnd)).low;
        key.high += text.size() << 1;
        if (!texts_.again(key)) return false;
        key.low += std::uint64_t{1} << 32;
        return texts_.again(key);
    }

    WordCache seen;
    WordChunk chunks[2];  // one is filled while the other one waits for memory
    std::vector<Symbol> symbols;
    std::vector<std::uint32_t> ids;
    ShortMerges merges;

 private:
    std::unique_ptr<RunState> runs_;
    std::size_t run_budget_;
    MetBefore texts_;
};

}  // namespace tokmill
