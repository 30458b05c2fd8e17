// Which tokens of a Unigram model other segmentations of the same bytes may beat.
//
// Whatever text a token t follows, the segmentations of that text and t either have a cut before t,
// and then only those of the bytes of t itself decide; or some piece wy lies across that place: w
// ends the text, t = yz begins with y. Then t is beaten if the score of the text up to w, of wy and
// of the best segmentation of z add up to more than the score of the text and of t. The parts of
// that sum that do not depend on the text are here, the largest first, so that those that come to
// more than a given difference are found without looking at others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bytelm/token_set.h"
#include "bytelm/unigram_automaton.h"

namespace tokmill::bytelm {

class UnigramRivals {
 public:
    using Node = UnigramAutomaton::Node;

    UnigramRivals(UnigramAutomaton const& automaton, std::optional<double> unknown_score,
                  std::size_t places);

    // For a token by itself: its score less that of the best other segmentation of its bytes.
    struct Margin {
        double margin;
        std::uint32_t place;
    };
    // The tokens with a positive margin.
    TokenSet const& whole() const noexcept { return whole_; }
    // All, by the amounts of their margins, the smallest first.
    std::span<Margin const> margins() const noexcept { return margins_; }

    // For a node w: a piece wy, by what it can gain on a token that begins with y at most.
    struct Crossing {
        double gain;
        Node piece;  // wy
        Node rest;   // y
    };
    std::span<Crossing const> crossings(Node w) const noexcept { return crossings_.of(w); }
    // For a node y: tokens yz of whole(), by the score of the best segmentation of z less that of
    // yz.
    struct Loss {
        double gain;
        std::uint32_t place;
    };
    std::span<Loss const> losses(Node y) const noexcept { return losses_.of(y); }

 private:
    // Lists of items, one for each node, each by falling gain.
    template <class Item>
    class Lists {
     public:
        std::span<Item const> of(Node node) const noexcept {
            return {items_.data() + starts_[node], items_.data() + starts_[node + 1]};
        }
        void add(Node node, Item const& item) { unsorted_.emplace_back(node, item); }
        void finish(std::size_t node_count);

     private:
        std::vector<std::pair<Node, Item>> unsorted_;
        std::vector<std::uint32_t> starts_;
        std::vector<Item> items_;
    };

    class Segmentation;
    void find_losses(UnigramAutomaton const& automaton, std::optional<double> unknown_score);
    void find_crossings(UnigramAutomaton const& automaton);

    TokenSet whole_;
    std::vector<Margin> margins_;
    Lists<Crossing> crossings_;
    Lists<Loss> losses_;
};

}  // namespace tokmill::bytelm
