// The general matcher (regex/matcher.cpp) scans a text from its end, which leaves a state at every
// position, and then walks from the beginning, each step settled by the state at the position.
// Of a text that is not complete the states are unknown: they are guessed. A guess is right if
// scanning backwards over the next character leads from the next guess to it, and the only state at
// the end of a text is the initial one. So all that a configuration holds about the future is the
// state of the scan; it is settled by the same tables that the matcher uses.
#include "bytelm/boundary_step.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "bytelm/tuple_numbering.h"
#include "core/error.h"
#include "core/utf8_decode.h"
#include "regex/lazy_dfa.h"
#include "regex/parser.h"
#include "regex/program.h"
#include "regex/reference_quirks.h"
#include "regex/rewrite.h"
#include "unicode/properties.h"

namespace tokmill::bytelm {

namespace {

using regex::LazyDfa;
using regex::LazyDfaTables;

// The pattern of tokenizers' ByteLevel.
constexpr std::string_view kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Guessed marks multiply the guesses.
constexpr std::size_t kMaxLooksBehind = 4;
// Characters scanned over, and configurations met, while the automaton is built. Patterns in use
// need some thousands.
constexpr std::size_t kMaxScanned = std::size_t{1} << 18;
constexpr std::size_t kMaxMet = std::size_t{1} << 21;

[[noreturn]] void too_large() {
    throw Error(ErrorKind::unsupported_tokenizer,
                "regular expression: too large for following texts of which only the beginning is "
                "known");
}

// The scans of a pattern: its own and those of its general look-arounds. The states of all that
// run against the text make a tuple ("ahead", look-aheads in order and then the pattern), those of
// the look-behinds another ("behind"). Marks are bits, one for every look-around.
class Scans {
 public:
    using Marks = std::uint64_t;

    struct Settled {
        Marks marks = 0;
        std::vector<std::uint16_t> rows;  // as the ahead tuple
    };

    explicit Scans(regex::Program const& program) : edge_(program.alphabet.class_count()) {
        for (std::size_t i = 0; i < program.looks.size(); ++i) {
            tables_.emplace_back(program.looks[i], program);
            (program.looks[i].reversed ? behind_ : ahead_).push_back(i);
        }
        ahead_.push_back(program.looks.size());
        tables_.emplace_back(program.main, program);
        for (LazyDfaTables const& tables : tables_) scans_.emplace_back(tables);
        if (behind_.size() > kMaxLooksBehind) too_large();
    }

    std::size_t edge() const noexcept { return edge_; }
    bool looks_behind() const noexcept { return !behind_.empty(); }
    std::size_t start_consumer() const noexcept { return scans_.back().start_consumer(); }

    std::uint32_t initial_ahead() { return ahead_tuples_.number(initial(ahead_)); }
    std::uint32_t initial_behind() { return behind_tuples_.number(initial(behind_)); }
    std::size_t ahead_count() const noexcept { return ahead_tuples_.count(); }

    // All combinations of marks that look-behinds may leave.
    std::vector<Marks> behind_marks() const {
        std::vector<Marks> all{0};
        for (std::size_t const look : behind_) {
            for (std::size_t i = 0, n = all.size(); i < n; ++i)
                all.push_back(all[i] | Marks{1} << look);
        }
        return all;
    }

    // What holds at a position behind a character of class `before` (or the edge of the text), if
    // the look-behinds leave these marks there.
    Settled settle(std::uint32_t ahead, std::size_t before, Marks behind_marks) {
        Settled settled{behind_marks, {}};
        std::vector<std::uint32_t> const& states = ahead_tuples_[ahead];
        for (std::size_t i = 0; i < ahead_.size(); ++i) {
            std::uint16_t const row = row_at(ahead_[i], states[i], before, settled.marks);
            settled.rows.push_back(row);
            bool const is_look = i + 1 < ahead_.size();
            if (is_look && scans_[ahead_[i]].start_viable(row))
                settled.marks |= Marks{1} << ahead_[i];
        }
        return settled;
    }

    // The states in front of the character of class `before`.
    std::uint32_t scan_over(Settled const& settled, std::size_t before) {
        std::vector<std::uint32_t> states;
        for (std::size_t i = 0; i < ahead_.size(); ++i)
            states.push_back(stepped(scans_[ahead_[i]].step(settled.rows[i], before)));
        return ahead_tuples_.number(states);
    }

    std::size_t choose(Settled const& settled, std::size_t consumer) {
        return scans_.back().choose(settled.rows.back(), consumer);
    }

    // Whether the look-behinds leave these marks in front of a character of class `next` (or at the
    // end of the text); if so and there is a character, their states move on behind it.
    bool verify_behind(std::uint32_t& behind, Marks marks, std::size_t next) {
        std::vector<std::uint32_t> states = behind_tuples_[behind];
        for (std::size_t i = 0; i < behind_.size(); ++i) {
            LazyDfa& scan = scans_[behind_[i]];
            std::uint16_t const row = row_at(behind_[i], states[i], next, marks);
            if (scan.start_viable(row) != static_cast<bool>(marks >> behind_[i] & 1)) return false;
            if (next != edge_) states[i] = stepped(scan.step(row, next));
        }
        behind = behind_tuples_.number(states);
        return true;
    }

 private:
    static std::uint16_t stepped(std::uint16_t state) {
        if (state == LazyDfa::kFull) too_large();
        return state;
    }

    std::uint16_t row_at(std::size_t scan, std::uint32_t state, std::size_t far, Marks marks) {
        LazyDfaTables const& tables = tables_[scan];
        std::size_t bits = 0;
        for (std::size_t i = 0; i < tables.marks().size(); ++i)
            bits |= static_cast<std::size_t>(marks >> tables.marks()[i] & 1) << i;
        return stepped(
            scans_[scan].row(static_cast<std::uint16_t>(state), tables.surrounding(far, bits)));
    }

    std::vector<std::uint32_t> initial(std::vector<std::size_t> const& scans) {
        std::vector<std::uint32_t> states;
        for (std::size_t const i : scans)
            states.push_back(stepped(scans_[i].intern(scans_[i].initial())));
        return states;
    }

    std::size_t edge_;
    std::deque<LazyDfaTables> tables_;  // [look-around], and last the pattern
    std::deque<LazyDfa> scans_;
    std::vector<std::size_t> ahead_;
    std::vector<std::size_t> behind_;
    TupleNumbering ahead_tuples_;
    TupleNumbering behind_tuples_;
};

// What may stand behind a guess: scanning over a character leads from `ahead` to it, if the
// look-behinds leave these marks there.
struct Guess {
    std::uint32_t ahead;
    Scans::Settled settled;
};

// All states of the scan that some text ends with, and how they follow each other.
class Guesses {
 public:
    explicit Guesses(Scans& scans) {
        scans.initial_ahead();
        std::vector<Scans::Marks> const behind = scans.behind_marks();
        std::size_t const classes = scans.edge();
        std::size_t work = 0;
        for (std::uint32_t ahead = 0; ahead < scans.ahead_count(); ++ahead) {
            for (Scans::Marks const marks : behind) {
                for (std::size_t c = 0; c < classes; ++c) {
                    if (++work > kMaxScanned) too_large();
                    Scans::Settled settled = scans.settle(ahead, c, marks);
                    std::size_t const at = scans.scan_over(settled, c) * classes + c;
                    if (at >= before_.size()) before_.resize(at + classes);
                    before_[at].push_back({ahead, std::move(settled)});
                }
                at_start_.push_back({ahead, scans.settle(ahead, classes, marks)});
            }
        }
        before_.resize(scans.ahead_count() * classes);
        classes_ = classes;
    }

    std::vector<Guess> const& at_start() const noexcept { return at_start_; }
    std::vector<Guess> const& behind(std::uint32_t ahead, std::size_t c) const noexcept {
        return before_[ahead * classes_ + c];
    }

 private:
    std::size_t classes_ = 0;
    std::vector<std::vector<Guess>> before_;
    std::vector<Guess> at_start_;
};

// Which parts of a text a split joins.
class Joining {
 public:
    Joining(SplitBehavior behavior, bool invert) : behavior_(behavior), invert_(invert) {}

    // Whether a piece ends between two neighbouring parts.
    bool cuts(bool match_before, bool match_behind) const noexcept {
        bool const before = match_before != invert_;
        bool const behind = match_behind != invert_;
        switch (behavior_) {
            case SplitBehavior::merged_with_previous:
                return before || !behind;
            case SplitBehavior::merged_with_next:
                return !before || behind;
            case SplitBehavior::contiguous:
                return before != behind;
            default:
                return true;
        }
    }
    bool drops(bool match) const noexcept {
        return behavior_ == SplitBehavior::removed && match != invert_;
    }

 private:
    SplitBehavior behavior_;
    bool invert_;
};

// The configurations of a pattern, numbered as they are met.
class StepBuilder {
 public:
    StepBuilder(regex::Program const& program, Joining joining)
        : scans_(program), guesses_(scans_), joining_(joining) {
        nfa_.class_count = program.alphabet.class_count();
    }

    BoundaryNfa build() {
        std::uint32_t const behind = scans_.initial_behind();
        for (Guess const& guess : guesses_.at_start())
            nfa_.starts.push_back(enter(guess, behind, scans_.start_consumer(), true));
        sort_unique(nfa_.starts);
        std::vector<BoundaryNfa::State> after;
        for (std::uint32_t s = 0; s < configurations_.count(); ++s) {
            for (std::size_t c = 0; c < nfa_.class_count; ++c) {
                after.clear();
                read(s, c, after);
                sort_unique(after);
                nfa_.targets.insert(nfa_.targets.end(), after.begin(), after.end());
                nfa_.first.push_back(static_cast<std::uint32_t>(nfa_.targets.size()));
                check_size(nfa_);
            }
        }
        return std::move(nfa_);
    }

 private:
    // A configuration: what is guessed to follow, what lies behind (both as states of scans and as
    // marks of the look-arounds here), and which consumer takes the next character.
    enum Field : std::uint8_t { kAhead, kBehind, kMarksLow, kMarksHigh, kConsumer, kCut, kFields };

    static void sort_unique(std::vector<BoundaryNfa::State>& states) {
        std::sort(states.begin(), states.end());
        states.erase(std::unique(states.begin(), states.end()), states.end());
    }

    void read(std::uint32_t from, std::size_t c, std::vector<BoundaryNfa::State>& after) {
        TupleNumbering::Tuple const& fields = configurations_[from];
        std::uint32_t behind = fields[kBehind];
        if (!scans_.verify_behind(behind, marks_of(fields), c)) return;
        for (Guess const& guess : guesses_.behind(fields[kAhead], c))
            after.push_back(enter(guess, behind, fields[kConsumer], false));
    }

    static Scans::Marks marks_of(TupleNumbering::Tuple const& fields) {
        return fields[kMarksLow] | Scans::Marks{fields[kMarksHigh]} << 32;
    }

    // The configuration at a position, reached by `consumer` or (start_consumer()) outside of any
    // match. An empty match is found only there: right behind another match it does not count.
    BoundaryNfa::State enter(Guess const& guess, std::uint32_t behind, std::size_t consumer,
                             bool at_start) {
        if (++met_ > kMaxMet) too_large();
        bool const in_match = consumer != scans_.start_consumer();
        std::size_t choice = scans_.choose(guess.settled, consumer);
        bool cut = at_start;
        if (in_match && choice == LazyDfa::kMatch) {
            choice = scans_.choose(guess.settled, scans_.start_consumer());
            cut = joining_.cuts(true, choice < LazyDfa::kNoPath);
        } else if (!in_match && choice == LazyDfa::kMatch) {
            cut = true;
        } else if (!in_match && choice < LazyDfa::kNoPath) {
            cut = cut || joining_.cuts(false, true);
        }
        bool const matches = choice < LazyDfa::kNoPath;
        Scans::Marks const marks = scans_.looks_behind() ? guess.settled.marks : 0;
        std::size_t const next = matches ? choice : scans_.start_consumer();
        TupleNumbering::Tuple fields(kFields);
        fields[kAhead] = guess.ahead;
        fields[kBehind] = behind;
        fields[kMarksLow] = static_cast<std::uint32_t>(marks);
        fields[kMarksHigh] = static_cast<std::uint32_t>(marks >> 32);
        fields[kConsumer] = static_cast<std::uint32_t>(next);
        fields[kCut] = cut;
        std::uint32_t const number = configurations_.number(fields);
        if (number == nfa_.positions.size()) {
            bool const accepting = guess.ahead == scans_.initial_ahead() &&
                                   scans_.verify_behind(behind, marks, scans_.edge());
            nfa_.positions.push_back({cut, accepting, joining_.drops(matches)});
        }
        return number;
    }

    Scans scans_;
    Guesses guesses_;
    Joining joining_;
    TupleNumbering configurations_;
    BoundaryNfa nfa_;
    std::size_t met_ = 0;
};

regex::NodePtr literal_tree(std::string_view literal) {
    if (literal.empty())
        throw Error(ErrorKind::unsupported_tokenizer, "pre_tokenizer Split with an empty pattern");
    std::vector<regex::NodePtr> characters;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(literal.data());
    for (std::size_t at = 0; at < literal.size();) {
        DecodedChar const c = decode_char(bytes + at);
        characters.push_back(regex::make_set(regex::CodePointSet::of(c.code_point), at));
        at += c.size;
    }
    return regex::make_concat(std::move(characters), 0);
}

regex::NodePtr pattern_tree(std::string_view pattern, regex::Dialect dialect) {
    regex::NodePtr const tree = regex::parse(pattern, dialect);
    regex::refuse_quirks(*tree, dialect);
    return regex::rewrite(tree);
}

regex::NodePtr digit_tree() {
    std::vector<regex::CodePointRange> ranges;
    for (std::uint32_t c = 0; c < unicode::kCodeSpace; ++c) {
        if (!unicode::is_rust_numeric(c)) continue;
        if (!ranges.empty() && ranges.back().last + 1 == c)
            ranges.back().last = c;
        else
            ranges.push_back({c, c});
    }
    return regex::make_set(regex::CodePointSet(std::move(ranges)), 0);
}

regex::NodePtr tree_of(PreTokenizer const& step, regex::Dialect dialect) {
    switch (step.kind) {
        case PreTokenizerKind::digits:
            return digit_tree();
        case PreTokenizerKind::byte_level:
            return pattern_tree(kByteLevelPattern, regex::Dialect::onig);
        default:
            return step.pattern_is_regex ? pattern_tree(step.pattern, dialect)
                                         : literal_tree(step.pattern);
    }
}

Joining joining_of(PreTokenizer const& step) {
    if (step.kind == PreTokenizerKind::split) return {step.behavior, step.invert};
    // Runs of digits are digits joined.
    bool const in_runs = step.kind == PreTokenizerKind::digits && !step.individual_digits;
    return {in_runs ? SplitBehavior::contiguous : SplitBehavior::isolated, false};
}

}  // namespace

BoundaryStep boundary_step(PreTokenizer const& step, regex::Dialect dialect) {
    regex::Program program = regex::compile_program(tree_of(step, dialect));
    BoundaryNfa const nfa = StepBuilder(program, joining_of(step)).build();
    return {std::move(program.alphabet), reduce(nfa)};
}

}  // namespace tokmill::bytelm
