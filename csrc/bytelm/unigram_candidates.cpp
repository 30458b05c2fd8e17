#include "bytelm/unigram_candidates.h"

#include <algorithm>
#include <cmath>

namespace tokmill::bytelm {

namespace {

// Where so many tokens are looked at, the result is remembered: this takes longer than to copy it.
constexpr std::size_t kMuchWork = 5000;
// As many results as take this much.
constexpr std::size_t kMaxKnownBytes = 4u << 20;

}  // namespace

UnigramCandidates::Candidates UnigramCandidates::find(std::span<Start const> starts,
                                                      double slack) const {
    // Most places are too far behind to matter.
    std::vector<Start> able;
    std::size_t work = 0;
    for (Start const& start : starts) {
        auto const crossings = rivals_.crossings(start.node);
        if (crossings.empty() || !(start.ahead + crossings.front().gain >= -2 * slack)) continue;
        able.push_back(start);
        work += crossings.size();
    }
    if (work >= kMuchWork / 8) {
        if (KnownPtr const known = recall(able, slack)) return known->candidates;
    }
    Candidates found;
    work = search(able, slack, found);
    if (work < kMuchWork) return found;
    // Once more, such that the result is good for others.
    auto known = std::make_shared<Known>();
    known->starts = able;
    known->tolerance = slack;
    known->slack = 2 * slack;
    search(able, known->slack + known->tolerance, known->candidates);
    remember(known);
    return found;
}

UnigramCandidates::KnownPtr UnigramCandidates::recall(std::span<Start const> starts,
                                                      double slack) const {
    std::lock_guard const lock(mutex_);
    for (std::size_t i = known_.size(); i-- > 0;) {
        Known const& known = *known_[i];
        auto const is_near = [&](Start const& a, Start const& b) {
            return a.node == b.node && std::abs(a.ahead - b.ahead) <= known.tolerance;
        };
        // Much more slack would leave more unclear than necessary.
        bool const fits = slack <= known.slack && slack > known.slack / 16;
        if (!fits || !std::equal(starts.begin(), starts.end(), known.starts.begin(),
                                 known.starts.end(), is_near)) {
            continue;
        }
        std::rotate(known_.begin() + static_cast<std::ptrdiff_t>(i),
                    known_.begin() + static_cast<std::ptrdiff_t>(i) + 1, known_.end());
        return known_.back();
    }
    return nullptr;
}

void UnigramCandidates::remember(KnownPtr known) const {
    std::size_t const bytes = known->candidates.tokens.words().size() * sizeof(std::uint64_t);
    std::size_t const most =
        std::max<std::size_t>(kMaxKnownBytes / std::max<std::size_t>(bytes, 1), 1);
    std::lock_guard const lock(mutex_);
    if (known_.size() >= most) known_.erase(known_.begin());
    known_.push_back(std::move(known));
}

// Returns how many tokens were looked at.
std::size_t UnigramCandidates::search(std::span<Start const> starts, double slack,
                                      Candidates& found) const {
    found.tokens = rivals_.whole();
    for (auto const& [margin, place] : rivals_.margins()) {
        if (std::abs(margin) > slack) break;
        found.unclear.push_back(place);
    }
    std::size_t work = 0;
    for (Start const& start : starts) {
        for (auto const& crossing : rivals_.crossings(start.node)) {
            if (!(start.ahead + crossing.gain >= -slack)) break;
            double const ahead = start.ahead + automaton_.score(crossing.piece);
            work += 1 + remove_beaten(ahead, crossing.rest, slack, found);
        }
    }
    return work;
}

// Of the tokens that begin with `rest`, if the piece that crosses over into it ends with a sum that
// is larger by `ahead` than that of the text.
std::size_t UnigramCandidates::remove_beaten(double ahead, Node rest, double slack,
                                             Candidates& found) const {
    std::size_t work = 0;
    auto const check = [&](double gain, std::uint32_t place) {
        ++work;
        if (gain > slack) {
            found.tokens.erase(place);
        } else if (found.tokens.contains(place)) {
            found.unclear.push_back(place);
        }
    };
    if (automaton_.is_piece(rest)) {
        std::uint32_t const place = automaton_.place(rest);
        double const gain = ahead - automaton_.score(rest);
        if (place != UnigramAutomaton::kNoPlace && gain >= -slack) check(gain, place);
    }
    for (auto const& loss : rivals_.losses(rest)) {
        if (!(ahead + loss.gain >= -slack)) break;
        check(ahead + loss.gain, loss.place);
    }
    return work;
}

}  // namespace tokmill::bytelm
