// What a position of a text may know about the text behind it.
//
// The general matcher (regex/matcher.cpp) scans a text from its end, which leaves a state at every
// position, and then walks from the beginning, each step settled by the state at the position.
// Here the same tables tell which states can stand where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "bytelm/tuple_numbering.h"
#include "regex/lazy_dfa.h"
#include "regex/program.h"

namespace tokmill::bytelm {

// The scans of a pattern: its own and those of its general look-arounds. The states of all that
// run against the text make a tuple ("ahead", look-aheads in order and then the pattern), those of
// the look-behinds another ("behind"). Marks are bits, one for every look-around.
class BoundaryScans {
 public:
    using Marks = std::uint64_t;

    // What holds at a position.
    struct Settled {
        Marks marks = 0;
        std::vector<std::uint16_t> rows;  // as the ahead tuple
    };

    // `program` must outlive this. All functions throw Error(unsupported_tokenizer) when the states
    // become too many.
    explicit BoundaryScans(regex::Program const& program);

    // As a class: there is no character.
    std::size_t edge() const noexcept { return edge_; }
    bool looks_behind() const noexcept { return !behind_.empty(); }
    std::size_t start_consumer() const noexcept { return scans_.back().start_consumer(); }

    // At the end and at the beginning of a text.
    std::uint32_t initial_ahead() { return ahead_tuples_.number(initial(ahead_)); }
    std::uint32_t initial_behind() { return behind_tuples_.number(initial(behind_)); }
    // How many tuples there are at present.
    std::size_t ahead_count() const noexcept { return ahead_tuples_.count(); }

    // All combinations of marks that look-behinds may leave.
    std::vector<Marks> behind_marks() const;
    // What holds behind a character of class `before`, if the look-behinds leave these marks there.
    Settled settle(std::uint32_t ahead, std::size_t before, Marks behind_marks);
    // The ahead tuple in front of that character.
    std::uint32_t scan_over(Settled const& settled, std::size_t before);
    // The walk: LazyDfa::choose for the pattern.
    std::size_t choose(Settled const& settled, std::size_t consumer) {
        return scans_.back().choose(settled.rows.back(), consumer);
    }
    // Whether the look-behinds leave these marks in front of a character of class `next`; if so and
    // there is a character, `behind` becomes the tuple behind it.
    bool verify_behind(std::uint32_t& behind, Marks marks, std::size_t next);

 private:
    std::uint16_t row_at(std::size_t scan, std::uint32_t state, std::size_t far, Marks marks);
    TupleNumbering::Tuple initial(std::vector<std::size_t> const& scans);

    std::size_t edge_;
    std::deque<regex::LazyDfaTables> tables_;  // [look-around], and last the pattern
    std::deque<regex::LazyDfa> scans_;
    std::vector<std::size_t> ahead_;
    std::vector<std::size_t> behind_;
    TupleNumbering ahead_tuples_;
    TupleNumbering behind_tuples_;
};

// All ahead tuples that some end of a text leaves, and how they follow each other.
class BoundaryGuesses {
 public:
    struct Guess {
        std::uint32_t ahead;
        BoundaryScans::Settled settled;
    };

    explicit BoundaryGuesses(BoundaryScans& scans);

    std::vector<Guess> const& at_start() const noexcept { return at_start_; }
    // What may stand behind a character of class c if `ahead` stands in front of it.
    std::vector<Guess> const& behind(std::uint32_t ahead, std::size_t c) const noexcept {
        return behind_[ahead * classes_ + c];
    }

 private:
    std::size_t classes_;
    std::vector<std::vector<Guess>> behind_;
    std::vector<Guess> at_start_;
};

}  // namespace tokmill::bytelm
