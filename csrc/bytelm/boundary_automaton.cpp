// States are sets of threads. A thread is where reading may stand: between two characters, within a
// character, or in bytes that are not UTF-8. Those within a character share the sets of the states
// before it, so that reading bytes costs next to nothing beyond reading characters.
#include "bytelm/boundary_automaton.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bytelm/boundary_nfa.h"
#include "bytelm/boundary_sets.h"
#include "bytelm/boundary_step.h"
#include "bytelm/tuple_numbering.h"
#include "bytelm/utf8_classes.h"
#include "core/error.h"

namespace tokmill::bytelm {

namespace {

using Set = BoundarySets::Set;

[[noreturn]] void refuse(std::string const& what, std::size_t step) {
    throw Error(ErrorKind::unsupported_tokenizer,
                "pre_tokenizer step " + std::to_string(step + 1) + ": " + what);
}

// All steps as one automaton.
struct Cuts {
    CodePointClasses classes;
    BoundaryNfa nfa;
};

void add_step(Cuts& cuts, PreTokenizer const& definition, regex::Dialect dialect) {
    BoundaryStep const step = boundary_step(definition, dialect);
    ClassPair const pair = refine_classes(cuts.classes, step.alphabet);
    std::vector<std::uint16_t> merged;
    cuts.nfa = merge_classes(reduce(compose(cuts.nfa, step.nfa, pair.first, pair.second)), merged);
    for (std::uint16_t& c : cuts.classes) c = merged[c];
}

bool drops_text(BoundaryNfa const& nfa) {
    for (BoundaryNfa::State s = 0; s < nfa.state_count(); ++s) {
        if (nfa.positions[s].drops && nfa.goes_on(s)) return true;
    }
    return false;
}

Cuts cuts_of(std::span<PreTokenizer const> steps, regex::Dialect dialect) {
    Cuts cuts{CodePointClasses(regex::kLastCodePoint + 1, 0), one_piece()};
    bool behind_byte_level = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        PreTokenizer const& step = steps[i];
        bool const is_byte_level = step.kind == PreTokenizerKind::byte_level;
        if (!is_byte_level || step.use_regex) {
            if (behind_byte_level) refuse("cuts behind ByteLevel are not supported", i);
            add_step(cuts, step, dialect);
            if (drops_text(cuts.nfa)) refuse("Split that removes text is not supported", i);
        }
        behind_byte_level |= is_byte_level;
    }
    return cuts;
}

// Where reading stands, without the set of states that goes with it.
enum Place : std::uint32_t {
    kStartOfText,  // ... with the states of the start
    kBetween,      // characters, with the states there
    kTail,         // behind the first invalid byte
    // From here on, for each node of Utf8Classes:
    kWithin,   // a character, with the states before it
    kInvalid,  // a character that will not be completed
};

constexpr std::uint32_t within(std::uint32_t node) {
    return kWithin + 2 * node;
}
constexpr std::uint32_t invalid(std::uint32_t node) {
    return kInvalid + 2 * node;
}

// A set of threads, as a tuple of (place, set) in ascending order of places.
class Threads {
 public:
    explicit Threads(BoundarySets& sets) : sets_(sets) {}

    void add(std::uint32_t place, Set set) {
        auto const [found, inserted] = threads_.try_emplace(place, set);
        if (!inserted && found->second != set) found->second = sets_.unite(found->second, set);
    }
    void add(TupleNumbering::Tuple const& tuple) {
        for (std::size_t i = 0; i < tuple.size(); i += 2) add(tuple[i], tuple[i + 1]);
    }
    TupleNumbering::Tuple tuple() const {
        TupleNumbering::Tuple result;
        for (auto const& [place, set] : threads_) {
            result.push_back(place);
            result.push_back(set);
        }
        return result;
    }

 private:
    BoundarySets& sets_;
    std::map<std::uint32_t, Set> threads_;
};

}  // namespace

// What computing a missing transition takes.
class BoundaryAutomaton::Builder {
 public:
    Builder(Cuts cuts, Utf8Rule utf8)
        : utf8_(cuts.classes), nfa_(std::move(cuts.nfa)), sets_(nfa_), rule_(utf8) {
        states_.number({});
        states_.number({kStartOfText, sets_.starts()});
    }

    std::mutex& mutex() noexcept { return mutex_; }
    Utf8Classes const& utf8() const noexcept { return utf8_; }
    std::size_t count() const noexcept { return states_.count(); }

    State step(State state, unsigned char byte, bool mark) {
        Threads next(sets_);
        TupleNumbering::Tuple const& tuple = states_[state];
        for (std::size_t i = 0; i < tuple.size(); i += 2)
            read(tuple[i], tuple[i + 1], byte, mark, next);
        return states_.number(next.tuple());
    }

    State unite(State a, State b) {
        Threads all(sets_);
        all.add(states_[a]);
        all.add(states_[b]);
        return states_.number(all.tuple());
    }

    State broken(State state) {
        Threads left(sets_);
        TupleNumbering::Tuple const& tuple = states_[state];
        for (std::size_t i = 0; i < tuple.size(); i += 2) {
            if (is_broken(tuple[i])) left.add(tuple[i], tuple[i + 1]);
        }
        return states_.number(left.tuple());
    }

    std::uint32_t facts(State state) const {
        TupleNumbering::Tuple const& tuple = states_[state];
        bool end = false;
        bool close = false;
        for (std::size_t i = 0; i < tuple.size(); i += 2) {
            std::uint32_t const place = tuple[i];
            if (place == kStartOfText || place == kBetween) {
                end |= sets_.accepting(tuple[i + 1]);
                close |= sets_.marking(tuple[i + 1]);
            } else {
                end |= !is_within(place);
            }
        }
        return (end ? kMayEnd : 0) | (end || close ? kMayClose : 0);
    }

 private:
    static bool is_within(std::uint32_t place) {
        return place >= kWithin && (place - kWithin) % 2 == 0;
    }
    static bool is_broken(std::uint32_t place) {
        return place == kTail || (place >= kWithin && !is_within(place));
    }
    static std::uint32_t node_of(std::uint32_t place) { return (place - kWithin) / 2; }

    void read(std::uint32_t place, Set set, unsigned char byte, bool mark, Threads& next) {
        if (place == kStartOfText) {
            if (!mark) return;
            read_character(Utf8Classes::kRoot, set, byte, next);
            read_invalid(Utf8Classes::kRoot, byte, next);
        } else if (place == kBetween) {
            read_character(Utf8Classes::kRoot, sets_.with_mark(set, mark), byte, next);
            if (!mark && sets_.accepting(set)) read_invalid(Utf8Classes::kRoot, byte, next);
        } else if (mark) {
            return;
        } else if (place == kTail) {
            next.add(kTail, BoundarySets::kEmpty);
        } else if (is_within(place)) {
            read_character(node_of(place), set, byte, next);
        } else {
            read_invalid(node_of(place), byte, next);
        }
    }

    void read_character(std::uint32_t node, Set set, unsigned char byte, Threads& next) {
        Utf8Classes::Target const target = utf8_.after(node, byte);
        if (target == Utf8Classes::kInvalid) return;
        if (Utf8Classes::is_class(target)) {
            Set const after = sets_.after(set, Utf8Classes::class_of(target));
            if (after != BoundarySets::kEmpty) next.add(kBetween, after);
            return;
        }
        Set const left = sets_.going_on(set, utf8_.classes_below(target));
        if (left != BoundarySets::kEmpty) next.add(within(target), left);
    }

    // The text before this character is all that is valid of it.
    void read_invalid(std::uint32_t node, unsigned char byte, Threads& next) {
        if (rule_ == Utf8Rule::strict) return;
        Utf8Classes::Target const target = utf8_.after(node, byte);
        if (target == Utf8Classes::kInvalid)
            next.add(kTail, BoundarySets::kEmpty);
        else if (!Utf8Classes::is_class(target))
            next.add(invalid(target), BoundarySets::kEmpty);
    }

    std::mutex mutex_;
    Utf8Classes utf8_;
    BoundaryNfa nfa_;
    BoundarySets sets_;
    Utf8Rule rule_;
    TupleNumbering states_;
};

BoundaryAutomaton::BoundaryAutomaton(std::unique_ptr<Builder> builder)
    : byte_classes_(builder->utf8().byte_classes()),
      row_size_(1 + 2 * builder->utf8().byte_class_count()),
      builder_(std::move(builder)) {
    add_rows();
}

BoundaryAutomaton::~BoundaryAutomaton() {
    for (std::atomic<Cell*>& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
}

std::unique_ptr<BoundaryAutomaton const> BoundaryAutomaton::compile(
    std::span<PreTokenizer const> steps, regex::Dialect dialect, Utf8Rule utf8) {
    auto builder = std::make_unique<Builder>(cuts_of(steps, dialect), utf8);
    return std::unique_ptr<BoundaryAutomaton const>(new BoundaryAutomaton(std::move(builder)));
}

// Gives rows to the states that have none. What is written here is seen by whoever has learned the
// number of a state: numbers are handed out behind a release store or the mutex.
void BoundaryAutomaton::add_rows() const {
    constexpr std::size_t kRows = std::size_t{1} << kChunkBits;
    for (; rows_ < builder_->count(); ++rows_) {
        std::size_t const chunk = rows_ >> kChunkBits;
        if (chunk >= kChunks) too_many_cuts();
        if (chunks_[chunk].load(std::memory_order_relaxed) == nullptr) {
            auto* const cells = new Cell[kRows * row_size_];
            for (std::size_t i = 0; i < kRows * row_size_; ++i)
                cells[i].store(kUnknown, std::memory_order_relaxed);
            chunks_[chunk].store(cells, std::memory_order_release);
        }
        State const state = static_cast<State>(rows_);
        row(state)->store(builder_->facts(state), std::memory_order_relaxed);
    }
}

BoundaryAutomaton::State BoundaryAutomaton::compute(State state, unsigned char byte,
                                                    bool mark) const {
    std::lock_guard const lock(builder_->mutex());
    Cell& entry = cell(state, byte, mark);
    State next = entry.load(std::memory_order_relaxed);
    if (next != kUnknown) return next;
    next = builder_->step(state, byte, mark);
    add_rows();
    entry.store(next, std::memory_order_release);
    return next;
}

BoundaryAutomaton::State BoundaryAutomaton::unite(State a, State b) const {
    if (a == b || b == kDead) return a;
    if (a == kDead) return b;
    std::lock_guard const lock(builder_->mutex());
    State const state = builder_->unite(a, b);
    add_rows();
    return state;
}

BoundaryAutomaton::State BoundaryAutomaton::broken(State state) const {
    std::lock_guard const lock(builder_->mutex());
    State const left = builder_->broken(state);
    add_rows();
    return left;
}

std::size_t BoundaryAutomaton::state_count() const {
    std::lock_guard const lock(builder_->mutex());
    return builder_->count();
}

}  // namespace tokmill::bytelm
