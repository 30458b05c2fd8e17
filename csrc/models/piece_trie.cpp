#include "models/piece_trie.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "models/trie_placement.h"

namespace tokmill::stages {

namespace {

using Byte = unsigned char;

struct Piece {
    std::uint64_t head;  // the first eight bytes, the first one on top
    std::string_view text;
    std::uint32_t place;
};

std::vector<Piece> sorted_by_bytes(std::span<std::string_view const> texts) {
    std::vector<Piece> pieces;
    pieces.reserve(texts.size());
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty()) continue;
        std::uint64_t head = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            head = head << 8 | (k < texts[i].size() ? static_cast<Byte>(texts[i][k]) : 0);
        }
        pieces.push_back({head, texts[i], i});
    }
    std::sort(pieces.begin(), pieces.end(), [](Piece const& a, Piece const& b) {
        return a.head != b.head ? a.head < b.head : a.text < b.text;
    });
    return pieces;
}

}  // namespace

// Finds the nodes, then a place for each.
class PieceTrieBuilder {
 public:
    explicit PieceTrieBuilder(std::span<std::string_view const> texts)
        : pieces_(sorted_by_bytes(texts)) {
        nodes_.reserve(pieces_.size() * 3 + 1);
        nodes_.push_back({0, 0, PieceTrie::kRootBase, PieceTrie::kNoPiece, 0});
        std::vector<Range> rest{{0, 0, static_cast<std::uint32_t>(pieces_.size()), 0}};
        while (!rest.empty()) {
            Range const range = rest.back();
            rest.pop_back();
            add_children(range, rest);
        }
    }

    LargeVector<PieceTrie::Node> run() {
        // The block of the root, and the one that stays empty.
        static_assert(TriePlacement<Node>::kBlock == PieceTrie::kBlock);
        TriePlacement<Node> placement(nodes_, 1, 2);
        placement.use_base(PieceTrie::kRootBase);
        placement.use_base(PieceTrie::kEmptyBase);
        placement.run();
        std::size_t const size = placement.size();
        if (size > PieceTrie::kBaseMask) {
            throw Error(ErrorKind::unsupported_tokenizer, "a vocabulary with too many prefixes");
        }
        LargeVector<PieceTrie::Node> result(size);
        for (Node const& parent : nodes_) {
            for (std::uint32_t n = 0; n < parent.children; ++n) {
                Node const& child = nodes_[parent.first_child + n];
                result[parent.base ^ child.label] = entry(child);
            }
        }
        return result;
    }

 private:
    struct Node {
        std::uint32_t first_child, children, base;
        std::uint32_t piece;
        Byte label;
    };
    // The pieces below a node.
    struct Range {
        std::uint32_t node, begin, end, depth;
    };

    static PieceTrie::Node entry(Node const& node) {
        return PieceTrie::Node{node.piece + 1} << PieceTrie::kPieceShift |
               PieceTrie::Node{node.base} << PieceTrie::kBaseShift | PieceTrie::kTaken | node.label;
    }
    Byte byte_at(std::uint32_t piece, std::uint32_t depth) const {
        return static_cast<Byte>(pieces_[piece].text[depth]);
    }

    // One behind the other; what is below them goes to `rest`.
    void add_children(Range const& range, std::vector<Range>& rest) {
        nodes_[range.node].first_child = static_cast<std::uint32_t>(nodes_.size());
        for (std::uint32_t begin = range.begin; begin < range.end;) {
            Byte const label = byte_at(begin, range.depth);
            std::uint32_t end = begin + 1;
            while (end < range.end && byte_at(end, range.depth) == label) ++end;
            auto const node = static_cast<std::uint32_t>(nodes_.size());
            std::uint32_t piece = PieceTrie::kNoPiece;
            if (pieces_[begin].text.size() == range.depth + 1) piece = pieces_[begin++].place;
            nodes_.push_back({0, 0, PieceTrie::kEmptyBase, piece, label});
            ++nodes_[range.node].children;
            if (begin < end) rest.push_back({node, begin, end, range.depth + 1});
            begin = end;
        }
    }

    std::vector<Piece> pieces_;
    LargeVector<Node> nodes_;
};

PieceTrie::PieceTrie(std::span<std::string_view const> pieces)
    : nodes_(PieceTrieBuilder(pieces).run()) {}

}  // namespace tokmill::stages
