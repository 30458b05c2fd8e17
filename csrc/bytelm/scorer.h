// All next-byte distributions along a text that is known in advance, from one call of the model:
// the contexts of all positions form a tree that does not depend on probabilities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bytelm/state.h"

namespace tokmill::bytelm {

class Scorer {
 public:
    // Distributions are kept from position `skip` on. Throws std::logic_error if the process
    // follows rows.
    Scorer(std::shared_ptr<Process const> process, std::string_view text, std::size_t skip);

    // Node 0 is the empty context; a parent comes before its children, and contexts are in the
    // order of the positions they end at.
    struct Tree {
        std::vector<std::int32_t> tokens;     // the last token of each context; -1 of the root
        std::vector<std::int32_t> parents;    // -1 of the root
        std::vector<std::int64_t> positions;  // number of bytes that the context spells
    };
    Tree const& tree() const noexcept { return tree_; }
    std::size_t fed() const noexcept { return fed_; }

    // The row of the next context, in the order of the tree. Rows are let go of as early as the
    // text allows.
    void feed(RowValues row);

    // Complete when all rows are there. Distributions: (positions, 257); log-probabilities that a
    // text begins with each beginning of this one; leaks.
    bool complete() const noexcept { return fed_ == contexts_.size(); }
    std::vector<double> const& distributions() const noexcept { return distributions_; }
    std::vector<double> const& log_prefixes() const noexcept { return log_prefixes_; }
    std::vector<double> const& leaks() const noexcept { return leaks_; }
    std::vector<double> const& log_others() const noexcept { return log_others_; }

 private:
    void add_closed(State const& state);
    void finish_position();

    std::vector<State> states_;  // of all positions; those done are emptied
    std::vector<ContextPtr> contexts_;
    std::unordered_map<Context const*, std::int32_t> number_of_;  // while the tree is built
    Tree tree_;
    std::size_t skip_;
    std::size_t fed_ = 0;
    std::size_t position_ = 0;  // the first one not done
    std::vector<double> distributions_, log_prefixes_, leaks_, log_others_;
};

}  // namespace tokmill::bytelm
