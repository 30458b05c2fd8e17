// BPE over characters, compiled: what bpe.h is to models whose symbols begin as bytes. Only the one
// merge that forms each token is kept (docs/bpe.md, 2), and tokens are numbered by it, so that a
// token is its own priority.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/inline.h"
#include "core/large_vector.h"
#include "models/general_bpe_tables.h"
#include "models/pair_table.h"
#include "models/token_formations.h"
#include "models/word_table.h"
#include "simd/bpe_merge.h"

namespace tokmill::stages {

class CharacterBpe {
 public:
    // Null if the merges do more than to join texts, or if the tokens of bytes take part in them.
    // In the texts to come spaces stand for U+2581 if `marks_spaces`.
    static std::unique_ptr<CharacterBpe const> compile(GeneralBpeTables const& tables,
                                                       bool byte_fallback, bool marks_spaces);

    // Appends the ids of a text. False, and nothing is appended, if it holds a character that is
    // neither a symbol nor made of tokens of bytes, or U+2581 where spaces stand for it. Valid
    // UTF-8.
    bool add_ids(std::string_view text, std::vector<std::uint32_t>& ids) const;

    // The tokens that a key can hold, by their texts: each is what becomes of its text.
    WordTable const& words() const noexcept { return words_; }

 private:
    class Run;
    using Byte = unsigned char;

    static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
    static constexpr std::uint32_t kAscii = 0x80;

    CharacterBpe(GeneralBpeTables const& tables, TokenFormations const& formations,
                 bool byte_fallback, bool marks_spaces);

    // The entries that the tokens are; kNone for an ASCII character that is no token.
    using Entries = std::vector<std::uint32_t>;
    void number_characters(GeneralBpeTables const& tables, TokenFormations const& formations,
                           bool byte_fallback, Entries& entries);
    void add_pairs(TokenFormations const& formations, Entries const& entries);
    void add_words(TokenVocabulary const& vocabulary, Entries const& entries);
    // What a text holds where it means a token.
    std::string_view spelling(std::string_view text, std::string& buffer) const;
    void set_character(std::uint32_t code_point, std::uint32_t token);

    // The token of a character, or kNone.
    std::uint32_t character(std::uint32_t code_point) const noexcept {
        return in_pages_[std::size_t{pages_[code_point >> 8]} << 8 | (code_point & 255)];
    }
    bool merges_with_some(std::uint32_t character) const noexcept {
        return in_pairs_[character >> 6] >> (character & 63) & 1;
    }
    // Whether some token holds the two ASCII characters side by side.
    bool joins_ascii(Byte left, Byte right) const noexcept {
        return joined_ascii_[left * 2 + (right >> 6)] >> (right & 63) & 1;
    }

    // What they become if they merge, or kNoMerge.
    std::uint32_t ascii_pair(std::uint32_t left, std::uint32_t right) const noexcept {
        return ascii_pairs_[left * kAscii + right];
    }
    void add_ascii(Byte const* begin, Byte const* end, Run& run) const;

    bool marks_spaces_;
    // Tokens are numbered: first the ASCII characters by their codes, the space being what stands
    // for it, and those that are made of the token of their byte among them; then the other
    // characters, then the tokens of the other bytes, then what merges form, by rank.
    std::uint32_t first_byte_ = 0, first_formed_ = 0;
    std::uint32_t bytes_[256];  // the tokens of bytes that are no ASCII characters, or kNone
    std::vector<std::uint16_t> pages_;  // of 256 code points; page 0 is empty
    std::vector<std::uint32_t> in_pages_;
    std::vector<std::uint64_t> in_pairs_;  // a bit for each token before first_formed_
    std::uint64_t joined_ascii_[256] = {};
    std::vector<std::uint32_t> ascii_pairs_;
    bool knows_ascii_ = false;  // all characters of it
    PairTable pairs_;
    LargeVector<std::uint32_t> ids_;
    WordTable words_;
    simd::MergeSymbols merge_symbols_;
};

}  // namespace tokmill::stages
