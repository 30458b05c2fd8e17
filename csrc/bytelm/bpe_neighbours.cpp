#include "bytelm/bpe_neighbours.h"

#include <algorithm>
#include <utility>

namespace tokmill::bytelm {

BpeNeighbours::BpeNeighbours(BpeRules const& rules) : rules_(&rules) {
    order_merges();
    order_tree();
    for (std::uint32_t s = 0; s < rules.symbols(); ++s) {
        if (rules.is_irregular(s)) irregular_.push_back(s);
    }
}

// When a merge happens: in its turn, or as soon as its parts are there.
std::uint32_t BpeNeighbours::moment(std::uint32_t merge) const noexcept {
    auto const [left, right] = rules_->parts(merge);
    return std::max({merge, left, right});
}

void BpeNeighbours::order_merges() {
    auto const symbols = static_cast<std::uint32_t>(rules_->symbols());
    auto const atoms = static_cast<std::uint32_t>(rules_->atoms());
    first_merge_.assign(symbols + 1, 0);
    for (std::uint32_t s = atoms; s < symbols; ++s) ++first_merge_[rules_->parts(s).left + 1];
    for (std::uint32_t s = 0; s < symbols; ++s) first_merge_[s + 1] += first_merge_[s];
    merges_.resize(symbols - atoms);
    std::vector<std::uint32_t> next(first_merge_.begin(), first_merge_.end() - 1);
    for (std::uint32_t s = atoms; s < symbols; ++s) merges_[next[rules_->parts(s).left]++] = s;
}

// The merges of a symbol as a left part are also its children in the tree.
void BpeNeighbours::order_tree() {
    auto const symbols = static_cast<std::uint32_t>(rules_->symbols());
    begin_.resize(symbols);
    end_.resize(symbols);
    order_.reserve(symbols);
    std::vector<std::uint32_t> open;  // a symbol, or ~symbol: its subtree is complete
    for (std::uint32_t atom = 0; atom < rules_->atoms(); ++atom) {
        open.push_back(atom);
        while (!open.empty()) {
            std::uint32_t const top = open.back();
            open.pop_back();
            if (static_cast<std::int32_t>(top) < 0) {
                end_[~top] = static_cast<std::uint32_t>(order_.size());
                continue;
            }
            begin_[top] = static_cast<std::uint32_t>(order_.size());
            order_.push_back(top);
            open.push_back(~top);
            // The last one pushed, that is the latest merge, is visited first.
            open.insert(open.end(), merges_.begin() + first_merge_[top],
                        merges_.begin() + first_merge_[top + 1]);
        }
    }
    blocked_end_.resize(merges_.size());
    for (std::size_t i = 0; i < merges_.size(); ++i) {
        std::uint32_t const merge = merges_[i];
        std::uint32_t const right = rules_->parts(merge).right;
        auto const first = merges_.begin() + first_merge_[right];
        auto const last = merges_.begin() + first_merge_[right + 1];
        // The latest child that is merged before this merge, if any, ends the interval.
        auto const earlier = std::lower_bound(first, last, moment(merge));
        blocked_end_[i] = earlier == first ? end_[right] : begin_[*(earlier - 1)];
    }
    formed_ = TokenSet(rules_->places());
    for (std::uint32_t s = 0; s < symbols; ++s) {
        if (rules_->place(s) != BpeRules::kNone) formed_.insert(rules_->place(s));
    }
}

void BpeNeighbours::erase_tested(std::uint32_t symbol, std::vector<std::uint32_t> const& candidates,
                                 TokenSet& tokens) const {
    for (std::uint32_t const candidate : candidates) {
        std::uint32_t const place = rules_->place(candidate);
        if (place != BpeRules::kNone && tokens.contains(place) &&
            !rules_->stay_apart(symbol, candidate)) {
            tokens.erase(place);
        }
    }
}

std::vector<BpeNeighbours::Interval> BpeNeighbours::blocked_intervals(std::uint32_t symbol) const {
    std::vector<Interval> blocked;
    std::uint32_t until = kNoMerge;
    for (std::uint32_t left = symbol;; left = rules_->parts(left).right) {
        for (std::uint32_t i = first_merge_[left]; i < first_merge_[left + 1]; ++i) {
            if (moment(merges_[i]) >= until) continue;
            blocked.push_back({begin_[rules_->parts(merges_[i]).right], blocked_end_[i]});
        }
        if (rules_->is_atom(left)) return blocked;
        until = left;
    }
}

void BpeNeighbours::erase_ordered(std::size_t begin, std::size_t end, TokenSet& tokens) const {
    for (std::size_t at = begin; at < end; ++at) {
        std::uint32_t const place = rules_->place(order_[at]);
        if (place != BpeRules::kNone) tokens.erase(place);
    }
}

void BpeNeighbours::erase_union(std::vector<Interval> const& intervals, TokenSet& tokens) const {
    std::vector<std::int32_t> change(order_.size() + 1);
    for (auto const& [begin, end] : intervals) {
        ++change[begin];
        --change[end];
    }
    std::int32_t depth = 0;
    for (std::size_t at = 0; at < order_.size(); ++at) {
        depth += change[at];
        if (depth > 0) erase_ordered(at, at + 1, tokens);
    }
}

std::shared_ptr<TokenSet const> BpeNeighbours::find_remembered(std::uint32_t symbol) const {
    std::lock_guard const lock(mutex_);
    auto const found = remembered_.find(symbol);
    return found == remembered_.end() ? nullptr : found->second;
}

void BpeNeighbours::remember(std::uint32_t symbol, TokenSet followers) const {
    auto const kept = std::make_shared<TokenSet const>(std::move(followers));
    std::lock_guard const lock(mutex_);
    if (remembered_.size() >= kMaxRemembered) remembered_.clear();
    remembered_.emplace(symbol, kept);
}

BpeNeighbours::Found BpeNeighbours::find_followers(std::uint32_t symbol) const {
    Found found{formed_, true};
    if (rules_->is_irregular(symbol)) {
        erase_tested(symbol, order_, found.followers);
        return found;
    }
    std::vector<Interval> const blocked = blocked_intervals(symbol);
    std::size_t total = blocked.size();
    for (auto const& [begin, end] : blocked) total += end - begin;
    // Intervals overlap: behind a space, where most tokens are blocked, ten times over.
    constexpr std::size_t kFew = 4096;
    found.took_long = total > kFew;
    if (found.took_long) {
        erase_union(blocked, found.followers);
    } else {
        for (auto const& [begin, end] : blocked) erase_ordered(begin, end, found.followers);
    }
    // Irregular tokens are not merged in the order of their numbers, so that intervals say nothing
    // about them.
    for (std::uint32_t const candidate : irregular_) {
        std::uint32_t const place = rules_->place(candidate);
        if (place != BpeRules::kNone) found.followers.insert(place);
    }
    erase_tested(symbol, irregular_, found.followers);
    return found;
}

void BpeNeighbours::keep_followers(std::uint32_t symbol, TokenSet& tokens) const {
    if (std::shared_ptr<TokenSet const> const known = find_remembered(symbol)) {
        tokens &= *known;
        return;
    }
    Found found = find_followers(symbol);
    tokens &= found.followers;
    if (found.took_long) remember(symbol, std::move(found.followers));
}

}  // namespace tokmill::bytelm
