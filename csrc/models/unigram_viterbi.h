// The best way to cut a text into Unigram pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "models/unigram_tables.h"
#include "models/unigram_trie.h"

namespace tokmill::stages {

// The best way to cut a text up to some place: its sum of scores and its last piece.
struct UnigramEnd {
    static constexpr std::uint32_t kNowhere = 0xFFFFFFFFu;

    double score;
    std::uint32_t piece;
    std::uint32_t start;  // where the piece begins; kNowhere: there is no way yet
};

// Fills the ends of a text of less than 2^32 - 1 bytes; `ends` has one more of them than bytes. Of
// equal sums the one with the longer last piece counts. Throws Error(invalid_input) if an unknown
// character would be part of one of them and there is no unk_id.
//
// If the text is one piece that is better not cut, and that is known already, its id comes back and
// nothing is filled; otherwise UnigramTrie::kUnknown.
std::uint32_t find_best_ends(UnigramTables const& tables, std::string_view text, bool has_unk,
                             std::span<UnigramEnd> ends);

}  // namespace tokmill::stages
