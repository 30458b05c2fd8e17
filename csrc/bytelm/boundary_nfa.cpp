#include "bytelm/boundary_nfa.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "bytelm/tuple_numbering.h"
#include "core/error.h"

namespace tokmill::bytelm {

namespace {

using State = BoundaryNfa::State;

constexpr State kNone = 0xFFFFFFFF;
// Patterns in use need some thousands.
constexpr std::size_t kMaxCells = std::size_t{1} << 19;
constexpr std::size_t kMaxTargets = std::size_t{1} << 19;
constexpr std::size_t kMaxPairsMet = std::size_t{1} << 22;
// Transitions that merging may look at; beyond that states stay apart, which is only slower.
constexpr std::size_t kMergeWork = std::size_t{1} << 23;

// Whether each state can reach one where the text may end.
std::vector<bool> live_states(BoundaryNfa const& nfa) {
    std::size_t const n = nfa.state_count();
    std::vector<std::vector<State>> sources(n);
    for (State s = 0; s < n; ++s) {
        for (std::size_t i = nfa.first[s * nfa.class_count];
             i < nfa.first[(s + 1) * nfa.class_count]; ++i) {
            std::vector<State>& from = sources[nfa.targets[i]];
            if (from.empty() || from.back() != s) from.push_back(s);
        }
    }
    std::vector<bool> live(n);
    std::vector<State> stack;
    for (State s = 0; s < n; ++s) {
        if (!nfa.positions[s].accepting) continue;
        live[s] = true;
        stack.push_back(s);
    }
    while (!stack.empty()) {
        State const s = stack.back();
        stack.pop_back();
        for (State const from : sources[s]) {
            if (live[from]) continue;
            live[from] = true;
            stack.push_back(from);
        }
    }
    return live;
}

// The automaton in which state s has become block_of[s]; states without a block disappear. All
// states of a block must agree.
BoundaryNfa quotient(BoundaryNfa const& nfa, std::vector<State> const& block_of,
                     std::size_t blocks) {
    BoundaryNfa result;
    result.class_count = nfa.class_count;
    result.positions.resize(blocks);
    std::vector<State> member(blocks, kNone);
    for (State s = 0; s < nfa.state_count(); ++s) {
        if (block_of[s] != kNone && member[block_of[s]] == kNone) member[block_of[s]] = s;
    }
    std::vector<State> after;
    auto const map = [&](std::span<State const> states) {
        after.clear();
        for (State const s : states) {
            if (block_of[s] != kNone) after.push_back(block_of[s]);
        }
    };
    for (std::size_t block = 0; block < blocks; ++block) {
        result.positions[block] = nfa.positions[member[block]];
        for (std::size_t c = 0; c < nfa.class_count; ++c) {
            map(nfa.after(member[block], c));
            result.append(after);
        }
    }
    map(nfa.starts);
    sort_unique(after);
    result.starts = after;
    return result;
}

BoundaryNfa without_dead_ends(BoundaryNfa const& nfa) {
    std::vector<bool> const live = live_states(nfa);
    std::vector<State> number(nfa.state_count(), kNone);
    State count = 0;
    for (State s = 0; s < nfa.state_count(); ++s) {
        if (live[s]) number[s] = count++;
    }
    return quotient(nfa, number, count);
}

// Moore's refinement: states stay together as long as they lead to the same blocks.
BoundaryNfa merge_states(BoundaryNfa const& nfa) {
    std::size_t const n = nfa.state_count();
    std::vector<State> block_of(n, 0);
    std::size_t blocks = 1;
    std::size_t work = 0;
    TupleNumbering::Tuple key;
    for (;;) {
        work += nfa.targets.size() + n * nfa.class_count;
        if (work > kMergeWork) return nfa;
        TupleNumbering numbering;
        std::vector<State> refined(n);
        for (State s = 0; s < n; ++s) {
            BoundaryNfa::Position const& position = nfa.positions[s];
            key.clear();
            key.push_back(block_of[s]);
            // A mark says something about the character that follows.
            bool const mark = position.mark && nfa.goes_on(s);
            key.push_back(mark + 2u * position.accepting + 4u * position.drops);
            for (std::size_t c = 0; c < nfa.class_count; ++c) {
                std::size_t const begin = key.size();
                for (State const t : nfa.after(s, c)) key.push_back(block_of[t]);
                std::sort(key.begin() + static_cast<std::ptrdiff_t>(begin), key.end());
                key.erase(std::unique(key.begin() + static_cast<std::ptrdiff_t>(begin), key.end()),
                          key.end());
                key.push_back(kNone);
            }
            refined[s] = numbering.number(key);
        }
        bool const stable = numbering.count() == blocks;
        block_of = std::move(refined);
        blocks = numbering.count();
        if (stable) return quotient(nfa, block_of, blocks);
    }
}

// The pairs of states of two automata that occur together, numbered as they are met.
class Composition {
 public:
    Composition(BoundaryNfa const& first, BoundaryNfa const& second,
                std::span<std::uint16_t const> first_class,
                std::span<std::uint16_t const> second_class)
        : first_(first), second_(second), first_class_(first_class), second_class_(second_class) {
        result_.class_count = first_class.size();
    }

    BoundaryNfa build() {
        for (State const a : first_.starts) begin_piece(a, result_.starts);
        sort_unique(result_.starts);
        std::vector<State> after;
        for (State s = 0; s < pairs_.size(); ++s) {
            for (std::size_t c = 0; c < result_.class_count; ++c) {
                after.clear();
                read(pairs_[s], c, after);
                result_.append(after);
            }
        }
        return std::move(result_);
    }

 private:
    using Pair = std::pair<State, State>;

    void read(Pair pair, std::size_t c, std::vector<State>& after) {
        std::span<State const> const inner = second_.after(pair.second, second_class_[c]);
        bool const may_end = std::any_of(inner.begin(), inner.end(),
                                         [&](State b) { return second_.positions[b].accepting; });
        for (State const a : first_.after(pair.first, first_class_[c])) {
            if (!first_.positions[a].mark) {
                for (State const b : inner) after.push_back(number(a, b));
            } else if (may_end) {
                begin_piece(a, after);
            }
        }
    }

    void begin_piece(State a, std::vector<State>& states) {
        for (State const b : second_.starts) states.push_back(number(a, b));
    }

    State number(State a, State b) {
        if (++met_ > kMaxPairsMet) too_many_cuts();
        auto const [found, inserted] =
            ids_.try_emplace(std::uint64_t{a} << 32 | b, static_cast<State>(pairs_.size()));
        if (inserted) {
            BoundaryNfa::Position const& x = first_.positions[a];
            BoundaryNfa::Position const& y = second_.positions[b];
            result_.positions.push_back(
                {x.mark || y.mark, x.accepting && y.accepting, x.drops || y.drops});
            pairs_.emplace_back(a, b);
        }
        return found->second;
    }

    BoundaryNfa const& first_;
    BoundaryNfa const& second_;
    std::span<std::uint16_t const> first_class_;
    std::span<std::uint16_t const> second_class_;
    BoundaryNfa result_;
    std::vector<Pair> pairs_;
    std::unordered_map<std::uint64_t, State> ids_;
    std::size_t met_ = 0;
};

}  // namespace

void too_many_cuts() {
    throw Error(ErrorKind::unsupported_tokenizer,
                "the pre-tokenizer cuts in so many ways that texts of which only the beginning is "
                "known cannot be followed");
}

void sort_unique(std::vector<State>& states) {
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
}

void BoundaryNfa::append(std::vector<State>& states) {
    sort_unique(states);
    targets.insert(targets.end(), states.begin(), states.end());
    first.push_back(static_cast<std::uint32_t>(targets.size()));
    if (state_count() * class_count > kMaxCells || targets.size() > kMaxTargets) too_many_cuts();
}

BoundaryNfa one_piece() {
    BoundaryNfa nfa;
    nfa.class_count = 1;
    nfa.positions = {{true, true, false}, {false, true, false}};
    nfa.starts = {0};
    nfa.first = {0, 1, 2};
    nfa.targets = {1, 1};
    return nfa;
}

BoundaryNfa compose(BoundaryNfa const& first, BoundaryNfa const& second,
                    std::span<std::uint16_t const> first_class,
                    std::span<std::uint16_t const> second_class) {
    return Composition(first, second, first_class, second_class).build();
}

BoundaryNfa reduce(BoundaryNfa const& nfa) {
    return merge_states(without_dead_ends(nfa));
}

BoundaryNfa merge_classes(BoundaryNfa const& nfa, std::vector<std::uint16_t>& merged) {
    TupleNumbering numbering;
    std::vector<std::size_t> member;
    TupleNumbering::Tuple key;
    merged.clear();
    for (std::size_t c = 0; c < nfa.class_count; ++c) {
        key.clear();
        for (State s = 0; s < nfa.state_count(); ++s) {
            for (State const t : nfa.after(s, c)) key.push_back(t);
            key.push_back(kNone);
        }
        merged.push_back(static_cast<std::uint16_t>(numbering.number(key)));
        if (numbering.count() > member.size()) member.push_back(c);
    }
    BoundaryNfa result;
    result.class_count = member.size();
    result.positions = nfa.positions;
    result.starts = nfa.starts;
    std::vector<State> after;
    for (State s = 0; s < nfa.state_count(); ++s) {
        for (std::size_t const c : member) {
            after.assign(nfa.after(s, c).begin(), nfa.after(s, c).end());
            result.append(after);
        }
    }
    return result;
}

}  // namespace tokmill::bytelm
