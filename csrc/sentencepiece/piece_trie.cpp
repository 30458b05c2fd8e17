#include "sentencepiece/piece_trie.h"

#include <algorithm>
#include <vector>

#include "core/error.h"

namespace tokmill::sentencepiece {

// Finds the nodes, then a base for each: nodes with many children first, which need whole blocks;
// those with one child fit into any hole.
class PieceTrieBuilder {
 public:
    using Pieces = std::span<std::pair<std::string_view, std::uint32_t> const>;

    explicit PieceTrieBuilder(Pieces pieces) : pieces_(pieces) {
        nodes_.push_back({});
        std::vector<Range> rest{{0, 0, pieces.size(), 0}};
        while (!rest.empty()) {
            Range const range = rest.back();
            rest.pop_back();
            add_children(range, rest);
        }
    }

    void build(PieceTrie& trie) {
        free_.assign(kBlock, false);
        used_base_.assign(kBlock, true);
        place_all();
        trie.nodes_.assign(free_.size(), PieceTrie::kFree);
        for (Node const& parent : nodes_) {
            for (std::size_t i = 0; i < parent.children; ++i) {
                Node const& child = nodes_[parent.first_child + i];
                trie.nodes_[parent.base ^ child.label] = entry(child);
            }
        }
        trie.root_ = entry(nodes_[0]);
    }

 private:
    static constexpr std::size_t kBlock = 256;
    static constexpr int kPatience = 24;

    struct Node {
        std::size_t first_child = 0, base = 0;
        std::uint32_t children = 0, id = PieceTrie::kNone;
        unsigned char label = 0;
    };
    // The pieces below a node, which have `depth` bytes in common.
    struct Range {
        std::size_t node, begin, end, depth;
    };

    static std::uint64_t entry(Node const& node) {
        return std::uint64_t{node.id} << PieceTrie::kIdShift |
               std::uint64_t{node.base} << PieceTrie::kBaseShift | node.label;
    }
    unsigned char byte_at(std::size_t piece, std::size_t i) const {
        return static_cast<unsigned char>(pieces_[piece].first[i]);
    }

    void add_children(Range const& range, std::vector<Range>& rest) {
        std::size_t const first = nodes_.size();
        for (std::size_t begin = range.begin; begin < range.end;) {
            unsigned char const label = byte_at(begin, range.depth);
            std::size_t end = begin + 1;
            while (end < range.end && byte_at(end, range.depth) == label) ++end;
            Node node;
            node.label = label;
            if (pieces_[begin].first.size() == range.depth + 1) node.id = pieces_[begin++].second;
            if (begin < end) rest.push_back({nodes_.size(), begin, end, range.depth + 1});
            nodes_.push_back(node);
            begin = end;
        }
        nodes_[range.node].first_child = first;
        nodes_[range.node].children = static_cast<std::uint32_t>(nodes_.size() - first);
    }

    void place_all() {
        std::vector<std::size_t> parents;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (nodes_[i].children != 0) parents.push_back(i);
        }
        std::stable_sort(parents.begin(), parents.end(), [this](std::size_t a, std::size_t b) {
            return nodes_[a].children > nodes_[b].children;
        });
        bool single = false;
        for (std::size_t const parent : parents) {
            if (!single && nodes_[parent].children == 1) {
                single = true;
                cursor_ = kBlock;  // from here on every hole will do
            }
            place(nodes_[parent]);
        }
    }

    void place(Node& parent) {
        unsigned char const label = nodes_[parent.first_child].label;
        int tries = 0;
        for (std::size_t at = cursor_; at < free_.size(); ++at) {
            if (!free_[at]) {
                if (at == cursor_) ++cursor_;
                continue;
            }
            if (fits(parent, at ^ label)) return take(parent, at ^ label);
            if (++tries == kPatience) {
                cursor_ = at + 1;
                break;
            }
        }
        std::size_t const block = free_.size();
        free_.resize(block + kBlock, true);
        used_base_.resize(block + kBlock, false);
        if (free_.size() > PieceTrie::kBaseMask) {
            throw Error(ErrorKind::unsupported_tokenizer, "a vocabulary with too many prefixes");
        }
        take(parent, block);
    }

    bool fits(Node const& parent, std::size_t base) const {
        if (used_base_[base]) return false;
        for (std::size_t i = 0; i < parent.children; ++i) {
            if (!free_[base ^ nodes_[parent.first_child + i].label]) return false;
        }
        return true;
    }

    void take(Node& parent, std::size_t base) {
        parent.base = base;
        used_base_[base] = true;
        for (std::size_t i = 0; i < parent.children; ++i) {
            free_[base ^ nodes_[parent.first_child + i].label] = false;
        }
    }

    Pieces pieces_;
    std::vector<Node> nodes_;
    std::vector<bool> free_, used_base_;
    std::size_t cursor_ = kBlock;
};

PieceTrie::PieceTrie(std::span<std::pair<std::string_view, std::uint32_t> const> pieces) {
    if (!pieces.empty()) PieceTrieBuilder(pieces).build(*this);
}

}  // namespace tokmill::sentencepiece
