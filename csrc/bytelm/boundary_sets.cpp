#include "bytelm/boundary_sets.h"

#include <algorithm>
#include <iterator>

namespace tokmill::bytelm {

using State = BoundaryNfa::State;

namespace {

// 4 bytes each, several times over.
constexpr std::size_t kMaxNumbers = std::size_t{1} << 24;

}  // namespace

BoundarySets::BoundarySets(BoundaryNfa const& nfa) : nfa_(nfa) {
    std::vector<State> empty;
    number(empty);
}

BoundarySets::Set BoundarySets::number(std::vector<State>& states) {
    sort_unique(states);
    if (numbers_ + states.size() > kMaxNumbers) too_many_cuts();
    Set const set = sets_.number(states);
    if (set == facts_.size()) {
        numbers_ += states.size();
        Facts facts;
        for (State const s : states) {
            facts.accepting |= nfa_.positions[s].accepting;
            facts.marking |= nfa_.positions[s].mark && nfa_.goes_on(s);
        }
        facts_.push_back(std::move(facts));
    }
    return set;
}

BoundarySets::Set BoundarySets::starts() {
    std::vector<State> states = nfa_.starts;
    return number(states);
}

BoundarySets::Set BoundarySets::with_mark(Set set, bool mark) {
    if (facts_[set].with_mark[mark] == kUnknown) {
        std::vector<State> states;
        for (State const s : sets_[set]) {
            if (nfa_.positions[s].mark == mark && nfa_.goes_on(s)) states.push_back(s);
        }
        Set const result = number(states);
        facts_[set].with_mark[mark] = result;
    }
    return facts_[set].with_mark[mark];
}

BoundarySets::Set BoundarySets::going_on(Set set, std::span<std::uint32_t const> classes) {
    std::vector<State> states;
    for (State const s : sets_[set]) {
        if (std::any_of(classes.begin(), classes.end(),
                        [&](std::uint32_t c) { return !nfa_.after(s, c).empty(); }))
            states.push_back(s);
    }
    return number(states);
}

BoundarySets::Set BoundarySets::after(Set set, std::size_t class_id) {
    if (facts_[set].after.empty()) {
        numbers_ += nfa_.class_count;
        facts_[set].after.assign(nfa_.class_count, kUnknown);
    }
    if (facts_[set].after[class_id] == kUnknown) {
        std::vector<State> states;
        for (State const s : sets_[set]) {
            auto const after = nfa_.after(s, class_id);
            states.insert(states.end(), after.begin(), after.end());
        }
        Set const result = number(states);
        facts_[set].after[class_id] = result;
    }
    return facts_[set].after[class_id];
}

BoundarySets::Set BoundarySets::unite(Set a, Set b) {
    std::vector<State> states;
    std::set_union(sets_[a].begin(), sets_[a].end(), sets_[b].begin(), sets_[b].end(),
                   std::back_inserter(states));
    return number(states);
}

}  // namespace tokmill::bytelm
