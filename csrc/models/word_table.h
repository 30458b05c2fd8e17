// Exact table from short words to their ids, compiled from the vocabulary: what makes the first
// pass over a text as fast as the second. Immutable and shared by all threads.
//
// Two entries fill a cache line; a word sits in one of two lines (cuckoo hashing), the frequent
// words, which have the low ids, in their first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.h"
#include "models/word_key.h"

namespace tokmill {

inline constexpr std::size_t kInlineIds = 4;

struct alignas(32) WordEntry {
    std::uint64_t low = 0;
    std::uint64_t high = 0;  // WordKey::high, and the number of ids in bits 60..63
    std::uint32_t ids[kInlineIds] = {};

    TOKMILL_INLINE bool holds(WordKey key) const noexcept {
        return ((low ^ key.low) | (high ^ key.high) << 4) == 0;
    }
    WordKey key() const noexcept { return {low, high & ~std::uint64_t{0} >> 4}; }
    TOKMILL_INLINE std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(high >> 60);
    }
};

class WordTable {
 public:
    struct Word {
        WordKey key;
        std::uint32_t id;
    };
    // `words` in order of importance; keys distinct.
    explicit WordTable(std::span<Word const> words = {});
    explicit WordTable(Array<WordEntry> entries);  // snapshot form
    Array<WordEntry> const& entries() const noexcept { return entries_; }

    // The two entries of the line where a word is looked for first, and second.
    TOKMILL_INLINE WordEntry const* first_line(std::uint64_t hash) const noexcept {
        return data_ + (hash >> shift_) * 2;
    }
    TOKMILL_INLINE WordEntry const* second_line(std::uint64_t hash) const noexcept {
        return data_ + (hash * 0xD6E8FEB86659FD93u >> shift_) * 2;
    }
    WordEntry const* find(WordKey key) const noexcept {
        std::uint64_t const hash = hash_key(key);
        for (WordEntry const* line : {first_line(hash), second_line(hash)}) {
            if (line[0].holds(key)) return line;
            if (line[1].holds(key)) return line + 1;
        }
        return nullptr;
    }

 private:
    bool place(std::vector<WordEntry>& entries, WordEntry entry) const;
    void resize(std::size_t lines) noexcept;

    Array<WordEntry> entries_;
    WordEntry const* data_ = nullptr;
    unsigned shift_ = 63;
};

}  // namespace tokmill
