// Exact table from short words to their ids, compiled from the vocabulary: what makes the first
// pass over a text as fast as the second. Immutable and shared by all threads.
//
// Three words fill a cache line; a word sits in one of two lines (cuckoo hashing), the frequent
// words, which have the low ids, in their first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/array.h"
#include "models/byte_string_map.h"
#include "models/word_key.h"

namespace tokmill {

struct alignas(64) WordLine {
    static constexpr std::size_t kWords = 3;

    WordKey keys[kWords] = {kFreeKey, kFreeKey, kFreeKey};
    // The last one is what a vector search reads where no key is equal: always kNoId.
    std::uint32_t ids[kWords + 1] = {kNoId, kNoId, kNoId, kNoId};

    std::uint32_t find(WordKey key) const noexcept {
        for (std::size_t i = 0; i < kWords; ++i) {
            if (keys[i] == key) return ids[i];
        }
        return kNoId;
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
    explicit WordTable(Array<WordLine> lines);  // snapshot form: a power of two, at least 2
    Array<WordLine> const& lines() const noexcept { return lines_; }

    WordLine const* data() const noexcept { return data_; }
    unsigned shift() const noexcept { return shift_; }

    // Where a word is looked for first: lines()[hash >> shift()], and second.
    TOKMILL_INLINE WordLine const& first_line(std::uint64_t hash) const noexcept {
        return data_[hash >> shift_];
    }
    TOKMILL_INLINE WordLine const& second_line(std::uint64_t hash) const noexcept {
        return data_[second_hash(hash) >> shift_];
    }
    std::uint32_t find(WordKey key) const noexcept {
        std::uint64_t const hash = hash_key(key);
        std::uint32_t const id = first_line(hash).find(key);
        return id != kNoId ? id : second_line(hash).find(key);
    }

 private:
    static TOKMILL_INLINE std::uint64_t second_hash(std::uint64_t hash) noexcept {
        return (hash ^ hash >> 29) * 0xD6E8FEB86659FD93u;
    }
    bool place_all(LargeVector<WordLine>& lines, std::span<Word const> words) const;
    bool place(LargeVector<WordLine>& lines, Word word) const;
    void set_size(std::size_t lines) noexcept;

    Array<WordLine> lines_;
    WordLine const* data_ = nullptr;
    unsigned shift_ = 63;
};

}  // namespace tokmill
