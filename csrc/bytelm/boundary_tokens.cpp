#include "bytelm/boundary_tokens.h"

#include <utility>
#include <vector>

namespace tokmill::bytelm {

std::shared_ptr<BoundaryTokens::Sets const> BoundaryTokens::at(Position position, bool mark) const {
    std::uint64_t const key = std::uint64_t{position} << 1 | std::uint64_t{mark};
    {
        std::lock_guard const lock(mutex_);
        if (auto const found = known_.find(key); found != known_.end()) return found->second;
    }
    auto const sets = std::make_shared<Sets const>(make(position, mark));
    std::lock_guard const lock(mutex_);
    // Hostile patterns have more states than anybody needs.
    constexpr std::size_t kMaxKnown = 1024;
    if (known_.size() >= kMaxKnown) known_.clear();
    return known_.try_emplace(key, sets).first->second;
}

BoundaryTokens::Sets BoundaryTokens::make(Position position, bool mark) const {
    Sets sets{TokenSet(vocabulary_.places()), TokenSet(vocabulary_.places())};
    struct Visit {
        ByteVocabulary::Node node;
        Position position;
    };
    std::vector<Visit> rest{{ByteVocabulary::kRoot, position}};
    while (!rest.empty()) {
        Visit const visit = rest.back();
        rest.pop_back();
        bool const is_first = visit.node == ByteVocabulary::kRoot;
        if (!is_first) {
            auto const range = vocabulary_.range(visit.node);
            bool const may_end = range.begin < range.longer && automaton_.may_end(visit.position);
            for (std::uint32_t place = range.begin; place < range.longer; ++place) {
                sets.open.insert(place);
                if (may_end) sets.final.insert(place);
            }
        }
        for (auto const& [byte, child] : vocabulary_.children(visit.node)) {
            Position const next = automaton_.step(visit.position, byte, is_first && mark);
            if (next != BoundaryAutomaton::kDead) rest.push_back({child, next});
        }
    }
    return sets;
}

BoundaryTokens::Position BoundaryTokens::read(Position position, bool mark,
                                              std::uint32_t place) const {
    for (char const c : vocabulary_.bytes(place)) {
        position =
            automaton_.step(position, static_cast<unsigned char>(c), std::exchange(mark, false));
        if (position == BoundaryAutomaton::kDead) break;
    }
    return position;
}

}  // namespace tokmill::bytelm
