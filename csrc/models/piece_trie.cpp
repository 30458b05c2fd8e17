#include "models/piece_trie.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "core/error.h"

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

// Finds the nodes, then a base for each: nodes with many children first, which need whole blocks;
// those with one fit into any hole.
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
        add_block();
        add_block();
        // The block of the root, and the one that stays empty.
        for (std::size_t i = 0; i < 2 * kBlock; ++i) take(i);
        used_base_[PieceTrie::kRootBase] = true;
        used_base_[PieceTrie::kEmptyBase] = true;
        place_all();
        std::size_t const size = taken_.size() * 64;
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
    static constexpr std::size_t kBlock = PieceTrie::kBlock;
    static constexpr int kPatience = 24;

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

    bool is_taken(std::size_t i) const { return taken_[i / 64] >> i % 64 & 1; }
    void take(std::size_t i) { taken_[i / 64] |= std::uint64_t{1} << i % 64; }
    void add_block() {
        taken_.resize(taken_.size() + kBlock / 64);
        used_base_.resize(taken_.size() * 64);
    }
    // The first free place from `i` on; adds a block if there is none.
    std::size_t next_free(std::size_t i) {
        for (std::size_t word = i / 64;; ++word) {
            if (word == taken_.size()) add_block();
            std::uint64_t free = ~taken_[word];
            if (word == i / 64) free &= ~std::uint64_t{0} << i % 64;
            if (free != 0) return word * 64 + static_cast<std::size_t>(std::countr_zero(free));
        }
    }

    // All that the search for a place reads about a node with one child: the nodes themselves lie
    // far apart in the order of their numbers of children.
    struct Parent {
        std::uint32_t node, first_child;
        std::uint16_t children;
        Byte first_label;
    };

    // Nodes with children other than the root, those with most of them first.
    std::vector<Parent> by_children() const {
        std::vector<std::uint32_t> places(kBlock + 1);  // of the first node with so many
        auto const others = std::span(nodes_).subspan(1);
        for (Node const& node : others) ++places[kBlock - node.children];
        std::exclusive_scan(places.begin(), places.end(), places.begin(), 0u);
        std::vector<Parent> parents(places[kBlock]);
        for (std::uint32_t i = 1; i < nodes_.size(); ++i) {
            Node const& node = nodes_[i];
            if (node.children == 0) continue;
            parents[places[kBlock - node.children]++] = {i, node.first_child,
                                                         static_cast<std::uint16_t>(node.children),
                                                         nodes_[node.first_child].label};
        }
        return parents;
    }

    void place_all() {
        std::size_t from = 0;
        std::uint32_t children_before = 0;
        for (Parent const& parent : by_children()) {
            // Few holes fit many children: places where too many tries failed are passed over, and
            // left to the nodes with one.
            if (parent.children == 1 && children_before != 1) from = 0;
            children_before = parent.children;
            from = next_free(from);
            std::size_t hole = from;
            for (int tries = 1; !fits(parent, hole); ++tries) {
                hole = next_free(hole + 1);
                if (tries % kPatience == 0) from = hole;
            }
            std::uint32_t const base = base_for(parent, hole);
            nodes_[parent.node].base = base;
            used_base_[base] = true;
            take(hole);
            for (std::uint32_t n = 1; n < parent.children; ++n) {
                take(base ^ nodes_[parent.first_child + n].label);
            }
        }
    }
    // The base that puts the first child into `hole`.
    static std::uint32_t base_for(Parent const& parent, std::size_t hole) {
        return static_cast<std::uint32_t>(hole ^ parent.first_label);
    }
    bool fits(Parent const& parent, std::size_t hole) const {
        std::uint32_t const base = base_for(parent, hole);
        if (used_base_[base]) return false;
        for (std::uint32_t n = 1; n < parent.children; ++n) {
            if (is_taken(base ^ nodes_[parent.first_child + n].label)) return false;
        }
        return true;
    }

    std::vector<Piece> pieces_;
    LargeVector<Node> nodes_;
    std::vector<std::uint64_t> taken_;
    std::vector<bool> used_base_;
};

PieceTrie::PieceTrie(std::span<std::string_view const> pieces)
    : nodes_(PieceTrieBuilder(pieces).run()) {}

}  // namespace tokmill::stages
