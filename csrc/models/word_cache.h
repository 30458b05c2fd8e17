// What a thread has seen: words that are not in the vocabulary, with their ids. Bounded by a budget
// in bytes, grown only as far as the text needs. Not shared: each encoding state has its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/word_key.h"
#include "models/word_table.h"

namespace tokmill {

inline constexpr std::size_t kInlineIds = 4;

struct alignas(32) CachedWord {
    WordKey key = kFreeKey;
    std::uint32_t ids[kInlineIds] = {};  // kNoId behind the last; see kManyIds

    // In ids[0]: the word has more ids than fit and is in the LongWordCache.
    static constexpr std::uint32_t kManyIds = kNoId - 1;

    bool has_many_ids() const noexcept { return ids[0] == kManyIds; }
    std::uint32_t count() const noexcept {
        return std::uint32_t{ids[0] != kNoId} + (ids[1] != kNoId) + (ids[2] != kNoId) +
               (ids[3] != kNoId);
    }
};

// Words of at most 16 bytes that become at most four ids. Two-way sets, one a cache line; a full
// set gives up one of its words, so there is never a pause to clear or to collect.
class ShortWordCache {
 public:
    explicit ShortWordCache(std::size_t budget_bytes);

    CachedWord const* line(std::uint64_t hash) const noexcept {
        return words_.data() + (hash * 0xA0761D6478BD642Fu >> shift_) * 2;
    }
    CachedWord const* find(WordKey key, std::uint64_t hash) const noexcept {
        CachedWord const* const word = line(hash);
        if (word[0].key == key) return word;
        if (word[1].key == key) return word + 1;
        return nullptr;
    }
    // At most kInlineIds ids.
    void insert(WordKey key, std::uint64_t hash, std::span<std::uint32_t const> ids);
    void insert_many_ids(WordKey key, std::uint64_t hash);

 private:
    void insert(CachedWord const& word, std::uint64_t hash);
    void grow();

    LargeVector<CachedWord> words_;
    std::size_t used_ = 0;
    std::size_t max_words_;
    unsigned shift_;
};

// Longer words, and short ones of many ids. Two generations: when the current one is full it
// becomes the old one, and what is still in use moves over as it is met again.
class LongWordCache {
 public:
    explicit LongWordCache(std::size_t budget_bytes);

    // The ids, or a span without data; valid until the next find or insert. `hash` is hash_bytes().
    std::span<std::uint32_t const> find(unsigned char const* text, std::size_t size,
                                        std::uint64_t hash);
    void insert(unsigned char const* text, std::size_t size, std::uint64_t hash,
                std::span<std::uint32_t const> ids);

 private:
    struct Slot {
        std::uint64_t hash;
        std::uint32_t at;  // in `pool`, in units of 4 bytes; 0 = free
        std::uint32_t size;
    };
    struct Generation {
        std::vector<Slot> slots;
        std::vector<std::uint32_t> pool;  // [number of ids][ids...][bytes, padded], from index 1
        std::size_t used = 0;

        std::span<std::uint32_t const> find(unsigned char const* text, std::size_t size,
                                            std::uint64_t hash) const noexcept;
        void insert(unsigned char const* text, std::size_t size, std::uint64_t hash,
                    std::span<std::uint32_t const> ids);
        std::size_t bytes() const noexcept {
            return slots.size() * sizeof(Slot) + pool.size() * sizeof(std::uint32_t);
        }
    };
    Generation current_, old_;
    std::size_t generation_bytes_;
};

}  // namespace tokmill
