// The cuts of a text as a nondeterministic automaton over classes of characters.
//
// A state stands between two characters and says whether a piece begins there. How a text is cut
// may depend on what follows, so a state includes a guess about that; the guesses that turn out
// wrong have no way on, and every complete text has exactly one path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tokmill::bytelm {

struct BoundaryNfa {
    using State = std::uint32_t;

    struct Position {
        bool mark = false;       // a piece begins here
        bool accepting = false;  // the text may end here
        bool drops = false;      // the character that comes next would be left out of all pieces

        bool operator==(Position const&) const = default;
    };

    std::size_t class_count = 0;
    std::vector<Position> positions;  // [state]
    std::vector<State> starts;        // ascending; those that go on carry a mark
    // The states behind a character of class c from state s are targets[first[s * class_count + c]]
    // up to targets[first[s * class_count + c + 1]], ascending.
    std::vector<std::uint32_t> first{0};
    std::vector<State> targets;

    std::size_t state_count() const noexcept { return positions.size(); }
    std::span<State const> after(State state, std::size_t class_id) const noexcept {
        std::size_t const at = state * class_count + class_id;
        return {targets.data() + first[at], targets.data() + first[at + 1]};
    }
    // Completes the transitions by those of the next class of the next state, given in any order.
    // Throws Error(unsupported_tokenizer) beyond what a pre-tokenizer in use can need.
    void append(std::vector<State>& states);
    bool goes_on(State state) const noexcept {
        return first[state * class_count] != first[(state + 1) * class_count];
    }
};

// Throws Error(unsupported_tokenizer): following the cuts takes more than anything in use can need.
[[noreturn]] void too_many_cuts();

// Ascending, each once.
void sort_unique(std::vector<BoundaryNfa::State>& states);

// All texts, each of them one piece; a single class.
BoundaryNfa one_piece();

// What `second` makes of each piece of `first` as if it were a complete text. A class of the result
// is class first_class[c] of the one and second_class[c] of the other. Throws
// Error(unsupported_tokenizer) if it becomes too large.
BoundaryNfa compose(BoundaryNfa const& first, BoundaryNfa const& second,
                    std::span<std::uint16_t const> first_class,
                    std::span<std::uint16_t const> second_class);

// The same without states from which no text can end, and with those merged that nothing tells
// apart (bisimulation).
BoundaryNfa reduce(BoundaryNfa const& nfa);

// Merges classes that are alike everywhere; `merged[c]` is the new number of class c.
BoundaryNfa merge_classes(BoundaryNfa const& nfa, std::vector<std::uint16_t>& merged);

}  // namespace tokmill::bytelm
