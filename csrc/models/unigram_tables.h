// What a Unigram model looks up, and what a thread needs to cut a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/large_vector.h"
#include "core/piece_index.h"
#include "models/piece_trie.h"
#include "models/unigram.h"

namespace tokmill::stages {

struct UnigramTables {
    explicit UnigramTables(std::vector<Unigram::Piece> const& vocabulary);
    UnigramTables(UnigramTables const&) = delete;  // the index refers to the texts

    LargeVector<char> pool;
    std::vector<std::string_view> texts;  // by id
    std::vector<double> scores;           // by id
    PieceIndex index;                     // text -> id
    PieceTrie trie;                       // of ids
    double unk_score;                     // of a character without a piece
    double magnitude;                     // no score is larger, either way
    std::uint32_t bytes[256];             // ids of "<0x..>", or PieceIndex::kMissing
};

struct UnigramScratch {
    static constexpr std::uint32_t kUnknown = 0xFFFFFFFFu;
    static constexpr std::uint32_t kNowhere = 0xFFFFFFFFu;

    // The best way to cut the text up to some place: its score and last piece.
    struct End {
        double score;
        std::uint32_t id;
        std::uint32_t start;  // kNowhere: no way found yet
    };
    struct Part {
        std::uint32_t begin, end;
        std::uint32_t id;  // kUnknown: no piece
    };

    std::vector<End> ends;    // by place in the text
    std::vector<Part> parts;  // the last one first

    // Adds a part in front; unknown neighbours become one.
    void add(std::uint32_t begin, std::uint32_t end, std::uint32_t id) {
        if (id == kUnknown && !parts.empty() && parts.back().id == kUnknown) {
            parts.back().begin = begin;
        } else {
            parts.push_back({begin, end, id});
        }
    }
};

}  // namespace tokmill::stages
