// Which tokens the merges of a BPE model form from the characters of their text, and by which last
// merge: each has at most one (docs/bpe.md, 2).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/general_bpe_tables.h"

namespace tokmill::stages {

// What is left of the symbols of a text, by the definition.
struct MergedSymbols {
    std::vector<std::uint32_t> symbols;
    std::uint32_t last_rank = kNoMerge;  // of the merges that were done
};

class TokenFormations {
 public:
    // Needs tables.joins_texts().
    explicit TokenFormations(GeneralBpeTables const& tables);

    std::size_t size() const noexcept { return orders_.size(); }  // of the vocabulary
    // A character by itself.
    bool is_character(std::uint32_t entry) const noexcept { return orders_[entry] == kCharacter; }
    // The entries that are formed, by the ranks of their last merges.
    std::vector<std::uint32_t> const& formed() const noexcept { return formed_; }
    GeneralBpeTables::Merge const& last_merge(std::uint32_t entry) const noexcept {
        return tables_->merges()[orders_[entry] - 1];
    }
    // It, or something in it, is made of a part that has a later last merge than what it becomes:
    // the merges of its text do not happen in the order of their ranks alone.
    bool is_irregular(std::uint32_t entry) const noexcept { return irregular_[entry]; }

    // Merges the characters of `text`; nothing if one of them is no symbol.
    static MergedSymbols merge(GeneralBpeTables const& tables, std::string_view text);

 private:
    // The order of an entry: 1 + rank of its last merge.
    static constexpr std::uint32_t kCharacter = 0;
    static constexpr std::uint32_t kNever = 0xFFFFFFFFu;

    void find_characters();
    std::vector<std::uint32_t> find_regular();
    void find_others(std::vector<std::uint32_t> entries);
    void sort_formed();
    bool is_formed_by(GeneralBpeTables::Merge const& merge) const;

    GeneralBpeTables const* tables_;
    std::vector<std::uint32_t> orders_;
    std::vector<bool> irregular_;
    std::vector<std::uint32_t> formed_;
};

}  // namespace tokmill::stages
