// What a BPE model with its options compiled away looks up: the vocabulary, the merges, and the
// symbols of single characters and bytes. Symbols are entries of the vocabulary.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/general_bpe.h"
#include "models/pair_table.h"
#include "models/token_vocabulary.h"
#include "simd/bpe_merge.h"

namespace tokmill::stages {

class GeneralBpeTables {
 public:
    // `prefix_size`: how many bytes of the right part of a merge are not in its result.
    GeneralBpeTables(std::vector<TokenVocabulary::Item> items,
                     std::span<GeneralBpe::MergeText const> merges, std::size_t prefix_size);

    static constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;
    struct Merge {
        std::uint32_t left, right, result;
    };

    TokenVocabulary const& vocabulary() const noexcept { return vocabulary_; }
    std::vector<Merge> const& merges() const noexcept { return merges_; }  // by rank

    // The rank of the merge of two symbols, or kNoMerge.
    std::uint32_t rank(std::uint32_t left, std::uint32_t right) const noexcept {
        return pairs_.find(left, right);
    }
    std::uint32_t result(std::uint32_t rank) const noexcept { return pairs_.symbol(rank); }
    // Whether some pair is listed more than once: the last one counts.
    bool has_duplicate_merges() const noexcept;
    // Whether there is a merge with this symbol at all.
    bool merges_with_some(std::uint32_t symbol) const noexcept {
        return in_merges_[symbol >> 6] >> (symbol & 63) & 1;
    }
    // The text of each result is that of the two parts, and each symbol has an id of its own: a
    // pair of symbols is told by where it begins and what it becomes.
    bool joins_texts() const noexcept { return joins_texts_; }
    // Merges up to simd::kMaxShortMerge symbols; needs joins_texts().
    void merge_few(std::uint32_t const* symbols, std::size_t count,
                   simd::ShortMerge& result) const {
        merge_symbols_(pairs_, symbols, count, result);
    }
    std::uint32_t symbol(std::string_view text) const noexcept {
        std::uint32_t const entry = vocabulary_.index().find(text);
        return entry == kMissing ? entry : vocabulary_.representative(entry);
    }
    // The symbol of a code point, or kMissing.
    std::uint32_t character(std::uint32_t code_point) const noexcept {
        return characters_[std::size_t{pages_[code_point >> 8]} << 8 | (code_point & 255)];
    }
    // The symbol "<0x..>" of a byte, or kMissing.
    std::uint32_t byte(unsigned char byte) const noexcept { return bytes_[byte]; }
    // Whether a symbol "<0x..>" takes part in merges.
    bool bytes_merge() const noexcept;

 private:
    void find_characters();
    void find_bytes();
    void add_merges(std::span<GeneralBpe::MergeText const> merges, std::size_t prefix_size);
    void index_merges();

    TokenVocabulary vocabulary_;
    std::vector<Merge> merges_;
    PairTable pairs_;
    std::vector<std::uint64_t> in_merges_;  // a bit a symbol
    bool joins_texts_ = false;
    simd::MergeSymbols merge_symbols_;
    std::vector<std::uint16_t> pages_;  // of 256 code points; page 0 is empty
    std::vector<std::uint32_t> characters_;
    std::uint32_t bytes_[256];
};

}  // namespace tokmill::stages
