#include "bytelm/unigram_rivals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bytelm/utf8_prefix.h"

namespace tokmill::bytelm {

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

template <class Item>
void UnigramRivals::Lists<Item>::finish(std::size_t node_count) {
    starts_.assign(node_count + 1, 0);
    for (auto const& [node, item] : unsorted_) ++starts_[node + 1];
    for (std::size_t i = 0; i < node_count; ++i) starts_[i + 1] += starts_[i];
    std::vector<std::uint32_t> at(starts_.begin(), starts_.end() - 1);
    items_.resize(unsorted_.size());
    for (auto const& [node, item] : unsorted_) items_[at[node]++] = item;
    unsorted_ = {};
    auto const first = items_.begin();
    for (std::size_t i = 0; i < node_count; ++i) {
        std::sort(first + starts_[i], first + starts_[i + 1],
                  [](Item const& a, Item const& b) { return a.gain > b.gain; });
    }
}

// The best scores of all suffixes of a piece.
class UnigramRivals::Segmentation {
 public:
    Segmentation(UnigramAutomaton const& automaton, std::optional<double> unknown_score)
        : automaton_(automaton), unknown_score_(unknown_score) {}

    void run(Node piece) {
        std::size_t const size = automaton_.depth(piece);
        path_.resize(size + 1);
        for (Node node = piece; node != UnigramAutomaton::kRoot; node = automaton_.parent(node)) {
            path_[automaton_.depth(node)] = node;
        }
        behind_.assign(size + 1, kNever);
        behind_[size] = 0;
        RecentBytes bytes = 0;
        for (std::size_t i = size; i > 0; --i) {
            bytes = 0;
            for (std::size_t j = i - std::min<std::size_t>(i, 4); j < i; ++j) {
                bytes = bytes << 8 | automaton_.byte(path_[j + 1]);
            }
            if (behind_[i] != kNever) reach_back(i, bytes, piece);
        }
    }
    // Of what is behind the first `at` bytes; for all of them: of several pieces.
    double behind(std::size_t at) const noexcept { return behind_[at]; }
    Node node(std::size_t at) const noexcept { return path_[at]; }

 private:
    void reach_back(std::size_t end, RecentBytes bytes, Node whole) {
        std::size_t const character = unknown_score_ ? last_character_size(bytes, end) : 0;
        bool is_known = character == 0;
        for (Node piece = automaton_.longest_piece(path_[end]); piece != UnigramAutomaton::kRoot;
             piece = automaton_.shorter_piece(piece)) {
            std::size_t const size = automaton_.depth(piece);
            is_known |= size == character;
            if (piece != whole) improve(end - size, behind_[end] + automaton_.score(piece));
        }
        if (!is_known) improve(end - character, behind_[end] + *unknown_score_);
    }
    void improve(std::size_t at, double score) { behind_[at] = std::max(behind_[at], score); }

    UnigramAutomaton const& automaton_;
    std::optional<double> unknown_score_;
    std::vector<Node> path_;
    std::vector<double> behind_;
};

UnigramRivals::UnigramRivals(UnigramAutomaton const& automaton, std::optional<double> unknown_score,
                             std::size_t places)
    : whole_(places) {
    find_losses(automaton, unknown_score);
    find_crossings(automaton);
}

void UnigramRivals::find_losses(UnigramAutomaton const& automaton,
                                std::optional<double> unknown_score) {
    Segmentation segmentation(automaton, unknown_score);
    for (Node piece = 1; piece < automaton.node_count(); ++piece) {
        if (!automaton.is_piece(piece)) continue;
        std::uint32_t const place = automaton.place(piece);
        if (place == UnigramAutomaton::kNoPlace) continue;
        segmentation.run(piece);
        double const score = automaton.score(piece);
        double const margin = score - segmentation.behind(0);
        margins_.push_back({margin, place});
        if (!(margin > 0)) continue;
        whole_.insert(place);
        for (std::size_t at = 1; at < automaton.depth(piece); ++at) {
            double const behind = segmentation.behind(at);
            if (behind != kNever) losses_.add(segmentation.node(at), {behind - score, place});
        }
    }
    losses_.finish(automaton.node_count());
    std::sort(margins_.begin(), margins_.end(), [](Margin const& a, Margin const& b) {
        return std::abs(a.margin) < std::abs(b.margin);
    });
}

void UnigramRivals::find_crossings(UnigramAutomaton const& automaton) {
    std::vector<Node> path;
    for (Node piece = 1; piece < automaton.node_count(); ++piece) {
        if (!automaton.is_piece(piece)) continue;
        std::size_t const size = automaton.depth(piece);
        path.resize(size + 1);
        for (Node node = piece;; node = automaton.parent(node)) {
            path[automaton.depth(node)] = node;
            if (node == UnigramAutomaton::kRoot) break;
        }
        for (Node rest = automaton.suffix(piece); rest != UnigramAutomaton::kRoot;
             rest = automaton.suffix(rest)) {
            double gain = losses(rest).empty() ? kNever : losses(rest).front().gain;
            if (automaton.is_piece(rest) && automaton.place(rest) != UnigramAutomaton::kNoPlace) {
                gain = std::max(gain, -automaton.score(rest));
            }
            if (gain == kNever) continue;
            crossings_.add(path[size - automaton.depth(rest)],
                           {automaton.score(piece) + gain, piece, rest});
        }
    }
    crossings_.finish(automaton.node_count());
}

}  // namespace tokmill::bytelm
