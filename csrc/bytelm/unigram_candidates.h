// The tokens that may follow a text under Unigram, but for those that only exact sums can tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "bytelm/token_set.h"
#include "bytelm/unigram_automaton.h"
#include "bytelm/unigram_rivals.h"

namespace tokmill::bytelm {

class UnigramCandidates {
 public:
    using Node = UnigramAutomaton::Node;

    // `automaton` must outlive this.
    UnigramCandidates(UnigramAutomaton const& automaton, std::optional<double> unknown_score,
                      std::size_t places)
        : automaton_(automaton), rivals_(automaton, unknown_score, places) {}

    // A place in the text where a piece may begin that ends behind the text.
    struct Start {
        Node node;     // the text from there on
        double ahead;  // the sum up to there less that up to the end of the text
    };
    struct Candidates {
        TokenSet tokens;
        std::vector<std::uint32_t> unclear;  // in `tokens` or not
    };
    // `slack`: by how much differences of sums may be off. Thread-safe.
    Candidates find(std::span<Start const> starts, double slack) const;

 private:
    // What took long to find is good for texts with nearly the same sums.
    struct Known {
        std::vector<Start> starts;
        double tolerance;
        double slack;
        Candidates candidates;
    };
    using KnownPtr = std::shared_ptr<Known const>;

    std::size_t search(std::span<Start const> starts, double slack, Candidates& found) const;
    std::size_t remove_beaten(double ahead, Node rest, double slack, Candidates& found) const;
    KnownPtr recall(std::span<Start const> starts, double slack) const;
    void remember(KnownPtr known) const;

    UnigramAutomaton const& automaton_;
    UnigramRivals rivals_;
    mutable std::mutex mutex_;
    mutable std::vector<KnownPtr> known_;  // the latest last
};

}  // namespace tokmill::bytelm
