// What a thread has seen: words that the word table's first line does not hold, with their ids.
// Bounded by a budget in bytes, grown only as far as the text needs. Not shared: each encoding
// state has its own.
//
// One table for words of any length. Two entries fill a cache line; an entry holds up to six ids
// itself, otherwise it says where they are in a ring of records, whose oldest are overwritten when
// it is full. So there is never a pause to clear or to collect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

#include "core/large_vector.h"
#include "models/word_key.h"

namespace tokmill {

inline constexpr std::size_t kInlineIds = 6;

// A word and its ids, 20 bits each, or the place of its record.
class CachedWord {
 public:
    WordKey key{0, 0};  // zero: a free place

    static bool fits(std::span<std::uint32_t const> ids) noexcept;
    void pack(std::span<std::uint32_t const> ids) noexcept;
    void refer(std::uint64_t position) noexcept {
        packed_[0] = 0;
        packed_[1] = position;
    }

    bool is_packed() const noexcept { return packed_[0] >> kCountShift != 0; }
    // Writes kInlineIds values, of which as many count as the return value says.
    TOKMILL_INLINE std::uint32_t unpack(std::uint32_t* ids) const noexcept {
        for (unsigned i = 0; i < 3; ++i) {
            ids[i] = static_cast<std::uint32_t>(packed_[0] >> kBits * i & kMask);
            ids[i + 3] = static_cast<std::uint32_t>(packed_[1] >> kBits * i & kMask);
        }
        return static_cast<std::uint32_t>(packed_[0] >> kCountShift);
    }
    std::uint64_t position() const noexcept { return packed_[1]; }

 private:
    static constexpr unsigned kBits = 20;
    static constexpr unsigned kCountShift = 3 * kBits;
    static constexpr std::uint64_t kMask = (1u << kBits) - 1;

    std::uint64_t packed_[2] = {0, 0};
};

// Records of ids and bytes one behind the other, the newest in place of the oldest. Positions count
// all that was ever written.
class WordRing {
 public:
    explicit WordRing(std::size_t budget_bytes);

    // False if the record is too large to be worth its place.
    bool can_hold(std::size_t text_size, std::size_t ids) const noexcept {
        return record_size(text_size, ids) <= size_ / 16;
    }
    // `text` is empty where the key of the entry is the word itself.
    std::uint64_t add(std::string_view text, std::span<std::uint32_t const> ids);
    void const* address(std::uint64_t position) const noexcept { return &at(position); }
    // Whether records have to go for new ones.
    bool is_full() const noexcept { return next_ >= size_; }
    // The ids, or a span without data if the record is gone or is that of another word. Valid until
    // the next add().
    std::span<std::uint32_t const> find(std::uint64_t position,
                                        std::string_view text) const noexcept;

 private:
    static std::size_t record_size(std::size_t text_size, std::size_t ids) noexcept {
        return 2 + ids + (text_size + 3) / 4;
    }
    std::uint32_t const& at(std::uint64_t position) const noexcept {
        return data_[position & (size_ - 1)];
    }

    struct Free {
        void operator()(std::uint32_t* data) const noexcept { std::free(data); }
    };

    std::size_t size_;  // a power of two
    // [bytes of text][number of ids][ids...][text, padded]. All of it from the start: memory that
    // is not touched takes none. Not in huge pages, each of which would be cleared for a few words.
    std::unique_ptr<std::uint32_t[], Free> data_;
    std::uint64_t next_ = 0;
};

class WordCache {
 public:
    explicit WordCache(std::size_t budget_bytes) : WordCache(budget_bytes / 2, budget_bytes / 2) {}
    // So much for entries and so much for records.
    WordCache(std::size_t entry_bytes, std::size_t record_bytes);

    // The key of a word that is not short enough to be its own key, or that looks like a free
    // place: one that no other word has as its own. Words with equal keys are told apart by their
    // records.
    static WordKey long_key(std::string_view word) noexcept;
    static WordKey long_key(std::uint64_t hash) noexcept {
        // A byte 0xFF in front of others cannot come from any word.
        return {hash << 8 | 0xFF, hash * 0xD6E8FEB86659FD93u >> 1};
    }
    static bool is_long(WordKey key) noexcept { return (key.low & 0xFF) == 0xFF; }
    // Sixteen times NUL.
    static bool looks_free(WordKey key) noexcept { return (key.low | key.high) == 0; }

    CachedWord const* line(std::uint64_t hash) const noexcept {
        // Products alone leave words that count upwards (numbers) close together.
        return words_.data() + ((hash ^ hash >> 32) * 0xA0761D6478BD642Fu >> shift_) * 2;
    }
    TOKMILL_INLINE CachedWord const* find(WordKey key, std::uint64_t hash) const noexcept {
        CachedWord const* word = line(hash);
        for (int n = 0; n < kLines; ++n) {
            if (word[0].key == key) return word;
            if (word[1].key == key) return word + 1;
            if (looks_free(word[1].key)) return nullptr;
            word += 2;
        }
        return nullptr;
    }
    // Where the ids of a word that is not packed are.
    void const* record(CachedWord const& word) const noexcept {
        return ring_.address(word.position());
    }
    // The same ids, or a span without data if they are lost. Valid until the next insert().
    std::span<std::uint32_t const> ids_of(CachedWord const& known,
                                          std::string_view word) const noexcept {
        return ring_.find(known.position(), is_long(known.key) ? word : std::string_view{});
    }
    void insert(WordKey key, std::uint64_t hash, std::string_view word,
                std::span<std::uint32_t const> ids);
    bool is_full() const noexcept { return ring_.is_full(); }

 private:
    static constexpr int kLines = 4;  // how many lines a word may be in

    // Behind the last line lie the ones that its words may overflow to.
    static LargeVector<CachedWord> allocate(std::size_t size) {
        return LargeVector<CachedWord>(size + 2 * (kLines - 1));
    }
    bool place(CachedWord const& word, std::uint64_t hash);
    void grow();

    std::size_t size_;
    LargeVector<CachedWord> words_;
    std::size_t used_ = 0;
    std::size_t max_size_;
    unsigned shift_;
    WordRing ring_;
};

}  // namespace tokmill
