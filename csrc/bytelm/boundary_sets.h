// Determinization on demand: sets of states of a BoundaryNfa, over classes of characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bytelm/boundary_nfa.h"
#include "bytelm/tuple_numbering.h"

namespace tokmill::bytelm {

// Not for several threads at once. All functions that return a set throw
// Error(unsupported_tokenizer) when the sets become too large.
class BoundarySets {
 public:
    using Set = std::uint32_t;
    static constexpr Set kEmpty = 0;

    // `nfa` must outlive this and have no dead ends.
    explicit BoundarySets(BoundaryNfa const& nfa);

    Set starts();
    // The states of a set that carry a mark, or those that do not.
    Set with_mark(Set set, bool mark);
    // The states that a character of one of these classes can follow.
    Set going_on(Set set, std::span<std::uint32_t const> classes);
    Set after(Set set, std::size_t class_id);
    Set unite(Set a, Set b);

    // Whether the text may end at one of the states.
    bool accepting(Set set) const noexcept { return facts_[set].accepting; }
    // Whether a character behind a mark can follow one of them.
    bool marking(Set set) const noexcept { return facts_[set].marking; }

 private:
    static constexpr Set kUnknown = 0xFFFFFFFF;

    struct Facts {
        bool accepting = false;
        bool marking = false;
        Set with_mark[2] = {kUnknown, kUnknown};
        std::vector<Set> after;  // [class], allocated when the first one is asked for
    };

    Set number(std::vector<BoundaryNfa::State>& states);

    BoundaryNfa const& nfa_;
    TupleNumbering sets_;  // ascending states
    std::vector<Facts> facts_;
    std::size_t numbers_ = 0;  // that sets and facts are made of
};

}  // namespace tokmill::bytelm
