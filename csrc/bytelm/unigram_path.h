// The best segmentation of a text that grows byte by byte (Viterbi 1967), with the sums that the
// implementations of Unigram compute, rounding included.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "bytelm/unigram_automaton.h"
#include "bytelm/utf8_prefix.h"

namespace tokmill::bytelm {

// `Real`: double as in tokenizers, or float as in SentencePiece, where sums that grow large are
// brought back to zero. Of equal sums the one with the longer last piece counts.
template <class Real>
class UnigramPath {
 public:
    using Node = UnigramAutomaton::Node;

    // The last piece of the best segmentation.
    struct Last {
        std::size_t size = 0;                  // 0: there is no segmentation
        Node piece = UnigramAutomaton::kRoot;  // the root: an unknown character
    };
    // What to go back to.
    struct Mark {
        std::size_t sums, rebases;
        Node node;
        RecentBytes recent;
    };

    UnigramPath() : sums_{0} {}

    Node node() const noexcept { return node_; }
    RecentBytes recent() const noexcept { return recent_; }
    // How many of the last bytes are remembered: all, or as many as can matter.
    std::size_t remembered() const noexcept { return sums_.size() - 1; }
    // The sum up to `back` bytes before the end, on the scale of the sum at the end; NaN if there
    // is no segmentation up to there.
    double sum(std::size_t back) const noexcept {
        std::size_t const at = sums_.size() - 1 - back;
        double sum = sums_[at];
        for (Rebase const& rebase : rebases_) {
            if (rebase.at > at) sum -= rebase.offset;
        }
        return sum;
    }
    Mark mark() const noexcept { return {sums_.size(), rebases_.size(), node_, recent_}; }
    void go_back(Mark const& mark) {
        sums_.resize(mark.sums);
        rebases_.resize(mark.rebases);
        node_ = mark.node;
        recent_ = mark.recent;
    }
    // Forgets sums that no piece can begin at any more.
    void trim(UnigramAutomaton const& automaton) {
        constexpr std::size_t kCharacter = 4;
        std::size_t const kept = std::max(automaton.depth(node_), kCharacter) + 1;
        if (sums_.size() <= kept) return;
        std::size_t const dropped = sums_.size() - kept;
        sums_.erase(sums_.begin(), sums_.begin() + static_cast<std::ptrdiff_t>(dropped));
        std::erase_if(rebases_, [&](Rebase const& rebase) { return rebase.at <= dropped; });
        for (Rebase& rebase : rebases_) rebase.at -= dropped;
    }

    Last append(UnigramAutomaton const& automaton, std::optional<double> unknown_score,
                unsigned char byte) {
        recent_ = recent_ << 8 | byte;
        node_ = automaton.next(node_, byte);
        Best best;
        std::size_t const character =
            unknown_score ? last_character_size(recent_, sums_.size()) : 0;
        bool is_known = character == 0;
        for (Node piece = automaton.longest_piece(node_); piece != UnigramAutomaton::kRoot;
             piece = automaton.shorter_piece(piece)) {
            std::size_t const size = automaton.depth(piece);
            if (!is_known && size < character) {
                try_last(best, character, static_cast<Real>(*unknown_score),
                         UnigramAutomaton::kRoot);
            }
            is_known |= size <= character;
            try_last(best, size, static_cast<Real>(automaton.score(piece)), piece);
        }
        if (!is_known) {
            try_last(best, character, static_cast<Real>(*unknown_score), UnigramAutomaton::kRoot);
        }
        rebase_up_to(best, sums_.size());
        sums_.push_back(best.sum);
        if constexpr (kRebases) {
            if (std::fabs(best.sum) > kMaxSum) {
                rebases_.push_back({sums_.size() - 1, best.sum});
                sums_.back() = 0;
            }
        }
        return best.last;
    }

 private:
    static constexpr bool kRebases = sizeof(Real) == sizeof(float);
    static constexpr Real kMaxSum = 100000;

    struct Rebase {
        std::size_t at;
        Real offset;
    };
    struct Best {
        Real sum = std::numeric_limits<Real>::quiet_NaN();
        Last last;
        std::size_t rebases = 0;  // that were applied
    };

    // A sum that was reached before a place of which the sum was brought to zero shifts with it.
    void rebase_up_to(Best& best, std::size_t at) const {
        for (; best.rebases < rebases_.size() && rebases_[best.rebases].at <= at; ++best.rebases) {
            best.sum -= rebases_[best.rebases].offset;
        }
    }
    // In the order of their beginnings, which decides between equal sums.
    void try_last(Best& best, std::size_t size, Real score, Node piece) const {
        if (size > sums_.size()) return;
        std::size_t const begin = sums_.size() - size;
        rebase_up_to(best, begin);
        Real const sum = score + sums_[begin];
        if (std::isnan(sum) || best.sum >= sum) return;
        best.sum = sum;
        best.last = {size, piece};
    }

    std::vector<Real> sums_;  // NaN: no segmentation
    std::vector<Rebase> rebases_;
    Node node_ = UnigramAutomaton::kRoot;
    RecentBytes recent_ = 0;
};

}  // namespace tokmill::bytelm
