// Of a text that is not complete, the states that scanning leaves at its positions are unknown:
// they are guessed. A guess is right if scanning over the next character leads from the next guess
// to it, and at the end of a text only the initial state is right. So all that a configuration
// holds about the future is the state of the scans.
#include "bytelm/boundary_step.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bytelm/boundary_scans.h"
#include "bytelm/tuple_numbering.h"
#include "core/error.h"
#include "core/utf8_decode.h"
#include "regex/parser.h"
#include "regex/program.h"
#include "regex/reference_quirks.h"
#include "regex/rewrite.h"
#include "unicode/properties.h"

namespace tokmill::bytelm {

namespace {

using regex::LazyDfa;
using Guess = BoundaryGuesses::Guess;
using Marks = BoundaryScans::Marks;

// The pattern of tokenizers' ByteLevel.
constexpr std::string_view kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Configurations met while the automaton is built. Patterns in use need some thousands.
constexpr std::size_t kMaxMet = std::size_t{1} << 21;

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
                nfa_.append(after);
            }
        }
        return std::move(nfa_);
    }

 private:
    // A configuration: what is guessed to follow, what lies behind (both as states of scans and as
    // marks of the look-arounds here), and which consumer takes the next character.
    enum Field : std::uint8_t { kAhead, kBehind, kMarksLow, kMarksHigh, kConsumer, kCut, kFields };

    void read(std::uint32_t from, std::size_t c, std::vector<BoundaryNfa::State>& after) {
        TupleNumbering::Tuple const& fields = configurations_[from];
        std::uint32_t behind = fields[kBehind];
        if (!scans_.verify_behind(behind, marks_of(fields), c)) return;
        for (Guess const& guess : guesses_.behind(fields[kAhead], c))
            after.push_back(enter(guess, behind, fields[kConsumer], false));
    }

    static Marks marks_of(TupleNumbering::Tuple const& fields) {
        return fields[kMarksLow] | Marks{fields[kMarksHigh]} << 32;
    }

    // The configuration at a position, reached by `consumer` or (start_consumer()) outside of any
    // match. An empty match is found only there: right behind another match it does not count.
    BoundaryNfa::State enter(Guess const& guess, std::uint32_t behind, std::size_t consumer,
                             bool at_start) {
        if (++met_ > kMaxMet) too_many_cuts();
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
        Marks const marks = scans_.looks_behind() ? guess.settled.marks : 0;
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

    BoundaryScans scans_;
    BoundaryGuesses guesses_;
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
