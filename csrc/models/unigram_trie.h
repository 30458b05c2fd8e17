// The pieces of a Unigram model with their scores, as they are looked for in a text: first a
// character, by a table, then byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "core/inline.h"
#include "core/large_vector.h"
#include "core/utf8_decode.h"
#include "models/piece_trie.h"

namespace tokmill::stages {

class UnigramTrie {
 public:
    static constexpr double kNoScore = -std::numeric_limits<double>::infinity();
    static constexpr std::uint32_t kUnknown = PieceTrie::kNoPiece;

    // A node of the trie and the score of its piece: side by side, since both are needed and the
    // trie is larger than the near caches.
    struct Node {
        PieceTrie::Node link = PieceTrie::nowhere();
        double score = kNoScore;

        std::uint32_t piece() const noexcept { return PieceTrie::piece(link); }
        bool has_piece() const noexcept { return PieceTrie::has_piece(link); }
    };

    // Different texts with their scores; each stands for its place in the span, and empty ones are
    // left out. Characters that are no piece get `unk_score` and the piece kUnknown.
    UnigramTrie(std::span<std::string_view const> pieces, std::span<double const> scores,
                double unk_score);
    UnigramTrie() = default;

    // The node of a character; texts go on from it.
    TOKMILL_INLINE Node const& character(std::uint32_t code_point) const noexcept {
        return characters_[std::size_t{pages_[code_point / kPage]} * kPage + code_point % kPage];
    }
    // Goes on by a byte; false if no piece does.
    TOKMILL_INLINE bool step(Node& node, unsigned char byte) const noexcept {
        node = nodes_[PieceTrie::child(node.link, byte)];
        return PieceTrie::is_child(node.link, byte);
    }

 private:
    static constexpr std::size_t kPage = 256;

    void add_characters(std::span<std::string_view const> pieces, double unk_score);

    LargeVector<Node> nodes_;
    // Code points by pages; page 0 of `characters_` is for those that begin no piece.
    std::vector<std::uint16_t> pages_;
    LargeVector<Node> characters_;
};

}  // namespace tokmill::stages
