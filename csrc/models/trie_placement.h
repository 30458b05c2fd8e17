// Places the nodes of a trie in a double array: each node's children stand at its base xor their
// labels.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "core/large_vector.h"

namespace tokmill {

// `Node` has first_child, children, label, and base, which is to be found; children of a node stand
// one behind the other. Nodes with many children come first, which need whole blocks; those with
// one fit into any hole.
template <class Node>
class TriePlacement {
 public:
    static constexpr std::size_t kBlock = 256;  // places that a base and all labels reach

    // The nodes from `first` on are placed; the bases of those before it are set. The first `taken`
    // blocks are theirs.
    TriePlacement(LargeVector<Node>& nodes, std::size_t first, std::size_t taken)
        : nodes_(nodes), first_(first) {
        for (std::size_t n = 0; n < taken; ++n) add_block();
        for (std::size_t i = 0; i < taken * kBlock; ++i) take(i);
    }

    // No other node is to have this base.
    void use_base(std::size_t base) { used_base_[base] = true; }
    void run() {
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
    // Places in use, in whole blocks.
    std::size_t size() const noexcept { return taken_.size() * 64; }

 private:
    using Byte = unsigned char;
    static constexpr int kPatience = 24;

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

    // Nodes with children, those with most of them first.
    std::vector<Parent> by_children() const {
        std::vector<std::uint32_t> places(kBlock + 1);  // of the first node with so many
        for (Node const& node : std::span(nodes_).subspan(first_)) {
            ++places[kBlock - node.children];
        }
        std::exclusive_scan(places.begin(), places.end(), places.begin(), 0u);
        std::vector<Parent> parents(places[kBlock]);
        for (auto i = static_cast<std::uint32_t>(first_); i < nodes_.size(); ++i) {
            Node const& node = nodes_[i];
            if (node.children == 0) continue;
            parents[places[kBlock - node.children]++] = {i, node.first_child,
                                                         static_cast<std::uint16_t>(node.children),
                                                         nodes_[node.first_child].label};
        }
        return parents;
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

    LargeVector<Node>& nodes_;
    std::size_t first_;
    std::vector<std::uint64_t> taken_;
    std::vector<bool> used_base_;
};

}  // namespace tokmill
