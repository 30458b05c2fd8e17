// What a thread has seen: words that are not in the vocabulary, with their ids. Bounded by a budget
// in bytes, grown only as far as the text needs. Not shared: each encoding state has its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/word_key.h"
#include "models/word_table.h"

namespace tokmill {

// Words of at most 15 bytes that become at most four ids. Two-way sets; a full set gives up one of
// its words, so there is never a pause to clear or to collect.
class ShortWordCache {
 public:
    explicit ShortWordCache(std::size_t budget_bytes);

    WordEntry const* line(std::uint64_t hash) const noexcept {
        return entries_.data() + (hash * 0xA0761D6478BD642Fu >> shift_) * 2;
    }
    WordEntry const* find(WordKey key, std::uint64_t hash) const noexcept {
        WordEntry const* const entry = line(hash);
        if (entry[0].holds(key)) return entry;
        if (entry[1].holds(key)) return entry + 1;
        return nullptr;
    }
    void insert(WordKey key, std::uint64_t hash, std::span<std::uint32_t const> ids) {
        WordEntry entry{key.low, key.high | static_cast<std::uint64_t>(ids.size()) << 60, {}};
        std::copy(ids.begin(), ids.end(), entry.ids);
        insert(entry, hash);
    }
    // An entry without ids whose count() is `mark`, above kInlineIds: for the caller to interpret.
    void insert_mark(WordKey key, std::uint64_t hash, std::uint32_t mark) {
        insert(WordEntry{key.low, key.high | static_cast<std::uint64_t>(mark) << 60, {}}, hash);
    }

 private:
    void insert(WordEntry const& entry, std::uint64_t hash);
    void grow();

    std::vector<WordEntry> entries_;
    std::size_t used_ = 0;
    std::size_t max_entries_;
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
