// What a Unigram model looks up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/large_vector.h"
#include "core/piece_index.h"
#include "models/unigram.h"
#include "models/unigram_trie.h"

namespace tokmill::stages {

class UnigramTables {
 public:
    explicit UnigramTables(std::vector<Unigram::Piece> const& vocabulary);
    UnigramTables(UnigramTables const&) = delete;  // the index refers to the texts
    UnigramTables& operator=(UnigramTables const&) = delete;

    static constexpr std::uint32_t kMissing = PieceIndex::kMissing;

    std::size_t size() const noexcept { return texts_.size(); }
    std::string_view text(std::size_t id) const noexcept { return texts_[id]; }
    double score(std::size_t id) const noexcept { return scores_[id]; }
    // The id of a text, or kMissing.
    std::uint32_t find(std::string_view text) const noexcept { return index_.find(text); }
    // The id of the token "<0x..>" of a byte, or kMissing.
    std::uint32_t byte(unsigned char byte) const noexcept { return bytes_[byte]; }
    UnigramTrie const& trie() const noexcept { return trie_; }
    // No score of a piece or of an unknown character is larger, either way.
    double magnitude() const noexcept { return magnitude_; }

    // Whether the best way to cut the text of a piece is not to cut it. That is found out when it
    // is needed, and remembered.
    enum class Wholeness : std::uint8_t { not_known, whole, cut };
    Wholeness wholeness(std::uint32_t id) const noexcept {
        return wholeness_[id].load(std::memory_order_relaxed);
    }
    void set_wholeness(std::uint32_t id, Wholeness value) const noexcept {
        wholeness_[id].store(value, std::memory_order_relaxed);
    }

 private:
    LargeVector<char> pool_;
    std::vector<std::string_view> texts_;  // by id, as the next
    std::vector<double> scores_;
    PieceIndex index_;
    UnigramTrie trie_;
    double magnitude_;
    std::uint32_t bytes_[256];
    std::unique_ptr<std::atomic<Wholeness>[]> wholeness_;
};

}  // namespace tokmill::stages
