// What a thread has seen: words that are not in the vocabulary, with their ids. Bounded by a budget
// in bytes, grown only as far as the text needs. Not shared: each encoding state has its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "models/word_key.h"
#include "models/word_table.h"

namespace tokmill {

inline constexpr std::size_t kInlineIds = 6;

// A word and its ids, 21 bits each. Words with more ids, or with larger ones, are marked here and
// kept in the LongWordCache.
struct CachedWord {
    WordKey key;  // zero: a free place
    std::uint64_t packed[2];

    static bool fits(std::span<std::uint32_t const> ids) noexcept;
    void pack(std::span<std::uint32_t const> ids) noexcept;
    void mark_not_packed() noexcept { packed[0] = kNotPacked; }

    bool is_packed() const noexcept { return packed[0] != kNotPacked; }
    // Writes kInlineIds values, of which as many count as the return value says.
    std::uint32_t unpack(std::uint32_t* ids) const noexcept {
        for (unsigned i = 0; i < 3; ++i) {
            ids[i] = static_cast<std::uint32_t>(packed[0] >> kBits * i & kMask);
            ids[i + 3] = static_cast<std::uint32_t>(packed[1] >> kBits * i & kMask);
        }
        std::uint32_t count = 0;
        for (unsigned i = 0; i < kInlineIds; ++i) count += ids[i] != kMask;
        return count;
    }

 private:
    static constexpr unsigned kBits = 21;
    static constexpr std::uint64_t kMask = (1u << kBits) - 1;
    static constexpr std::uint64_t kNotPacked = ~std::uint64_t{0};
};

// Words of at most 16 bytes. Two-way sets, one a cache line; a full set gives up one of its words,
// so there is never a pause to clear or to collect.
class ShortWordCache {
 public:
    explicit ShortWordCache(std::size_t budget_bytes);

    // The one word that looks like a free place: sixteen times NUL.
    static bool can_hold(WordKey key) noexcept { return (key.low | key.high) != 0; }

    CachedWord const* line(std::uint64_t hash) const noexcept {
        return words_.get() + (hash * 0xA0761D6478BD642Fu >> shift_) * 2;
    }
    CachedWord const* find(WordKey key, std::uint64_t hash) const noexcept {
        CachedWord const* word = line(hash);
        for (int n = 0; n < kLines; ++n) {
            if (word[0].key == key) return word;
            if (word[1].key == key) return word + 1;
            if (!can_hold(word[1].key)) return nullptr;
            word += 2;
        }
        return nullptr;
    }
    void insert(CachedWord const& word, std::uint64_t hash);

 private:
    struct Free {
        void operator()(CachedWord* words) const noexcept { std::free(words); }
    };
    using Words = std::unique_ptr<CachedWord[], Free>;

    static constexpr int kLines = 4;  // how many lines a word may be in

    // Zeroed by the kernel as it is touched, not by us in advance. Behind the last line lie the
    // ones that its words may overflow to.
    static Words allocate(std::size_t count);
    void grow();

    std::size_t size_;
    Words words_;
    std::size_t used_ = 0;
    std::size_t max_size_;
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
