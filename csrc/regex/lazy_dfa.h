// Determinization on demand of the question "from which instructions does a path from here lead to
// acceptance?", asked at every position of a text while scanning against the direction of the
// automaton's paths. With the answers at hand, the preferred match is found without ever going
// back: the two-pass method of Frisch and Cardelli, "Greedy Regular Expression Matching" (2004).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "regex/program.h"

namespace tokmill::regex {

// Terms. Scanning has consumed the `near` neighbour of a position and is about to consume the `far`
// one; for automata in text order near is the code point after the position, far the one before.
// A state is what scanning knows before it sees far: which consuming instructions can consume near
// and go on to acceptance. A row is a state together with what the conditions need to know about
// far and the marks; it settles everything at the position.
//
// The immutable part, shared by all threads.
class LazyDfaTables {
 public:
    LazyDfaTables(Automaton const& automaton, Program const& program);

    std::size_t word_count() const noexcept { return words_; }
    std::size_t consumer_count() const noexcept { return consumers_.size(); }
    std::size_t class_count() const noexcept { return classes_; }
    unsigned stride_shift() const noexcept { return stride_shift_; }
    // How many different surroundings (far neighbour, marks) a state is split by; 1: none matter.
    std::size_t surroundings() const noexcept { return far_contexts_ << marks_.size(); }
    std::vector<std::uint32_t> const& marks() const noexcept { return marks_; }
    // Index of the surroundings; `far` is a class or class_count() at the edge of the text.
    std::size_t surrounding(std::size_t far, std::size_t mark_bits) const noexcept {
        return mark_bits * far_contexts_ + far_context_of_[far];
    }

 private:
    friend class LazyDfa;

    bool holds(Condition const& condition, std::size_t near, std::size_t surrounding) const;
    std::vector<std::uint32_t> context_classes(Condition::Kind kind, std::size_t& count,
                                               std::vector<std::uint32_t>& representatives) const;

    Automaton const& automaton_;
    Program const& program_;
    std::size_t classes_;
    unsigned stride_shift_ = 0;
    std::size_t words_ = 0;
    std::vector<std::uint32_t> consumers_;               // instruction of each consumer
    std::vector<std::uint32_t> consumer_of_;             // [instruction]
    std::vector<std::vector<std::uint64_t>> accepting_;  // [class]: consumers of that class, bits
    std::vector<std::vector<std::uint32_t>>
        leads_from_;  // [instruction]: what steps to it for free
    std::vector<std::vector<std::uint32_t>>
        consumers_before_;              // [instruction]: consumers before it
    std::vector<std::uint32_t> marks_;  // marks that the conditions ask for
    // Classes (and the edge, last) grouped by what the conditions see of them.
    std::size_t near_contexts_ = 1;
    std::size_t far_contexts_ = 1;
    std::vector<std::uint32_t> near_context_of_;
    std::vector<std::uint32_t> far_context_of_;
    std::vector<std::uint32_t> near_representative_;  // [context]: a class
    std::vector<std::uint32_t> far_representative_;
};

// The part that grows, up to a limit in bytes; used by one thread at a time.
class LazyDfa {
 public:
    static constexpr std::uint16_t kUnknown = 0xFFFF;
    static constexpr std::uint16_t kFull = 0xFFFE;  // the limit is reached: clear() and go on
    // Choices other than a consumer.
    static constexpr std::uint16_t kMatch = 0xFFFD;
    static constexpr std::uint16_t kNoPath = 0xFFFC;

    explicit LazyDfa(LazyDfaTables const& tables);

    void clear();

    // A state in a form that outlives clear().
    using Snapshot = std::string;
    Snapshot snapshot(std::uint16_t state) const { return *keys_[state]; }
    std::uint16_t intern(Snapshot const& snapshot);
    // The state at the end of the text at which scanning begins.
    Snapshot initial() const;

    // The row of `state` in the given surroundings, or kFull. Where no surroundings matter, states
    // and rows are created together and have the same number.
    std::uint16_t row(std::uint16_t state, std::size_t surrounding) {
        if (surroundings_ == 1) return state;
        std::uint16_t const known = row_of_[state * surroundings_ + surrounding];
        return known != kUnknown ? known : make_row(state, surrounding);
    }
    // The state after consuming a code point of class `far` from a position with this row; or
    // kFull.
    std::uint16_t step(std::uint16_t row, std::size_t far) {
        std::uint16_t const known = transitions_[(std::size_t{row} << shift_) + far];
        return known != kUnknown ? known : make_transition(row, far);
    }
    // Where the preferred path goes from the position of `row`, having consumed by `consumer` to
    // get there (start_consumer(): having just begun): the consumer that takes the next code
    // point, kMatch or kNoPath.
    std::uint16_t choose(std::uint16_t row, std::size_t consumer) {
        std::uint16_t const known = choices_[(std::size_t{row} << choice_shift_) + consumer];
        return known != kUnknown ? known : make_choice(row, consumer);
    }
    std::size_t start_consumer() const noexcept { return tables_->consumer_count(); }
    bool start_viable(std::uint16_t row) const noexcept { return start_viable_[row]; }

 private:
    std::uint16_t make_row(std::uint16_t state, std::size_t surrounding);
    std::uint16_t make_transition(std::uint16_t row, std::size_t far);
    std::uint16_t make_choice(std::uint16_t row, std::size_t consumer);
    std::uint64_t const* state_bits(std::uint16_t state) const {
        return bits_.data() + state * tables_->words_;
    }

    LazyDfaTables const* tables_;
    std::size_t surroundings_;
    unsigned shift_;
    unsigned choice_shift_;
    std::size_t limit_;  // of states, and of rows

    std::unordered_map<std::string, std::uint16_t> ids_;
    std::vector<std::string const*> keys_;  // [state]
    std::vector<std::uint64_t> bits_;       // [state]: viable consumers
    std::vector<std::uint32_t> near_;       // [state]: context of the near neighbour
    std::vector<std::uint16_t> row_of_;     // [state][surrounding]

    std::vector<std::uint16_t> row_state_;        // [row]
    std::vector<std::uint32_t> row_surrounding_;  // [row]
    std::vector<std::uint64_t> viable_after_;     // [row]: consumers that may go on from here, bits
    std::vector<bool> start_viable_;              // [row]
    std::vector<std::uint16_t> transitions_;      // [row][class]
    std::vector<std::uint16_t> choices_;          // [row][consumer or start]

    // Scratch, by instruction.
    std::vector<bool> seen_;
    std::vector<std::uint32_t> stack_;
};

}  // namespace tokmill::regex
