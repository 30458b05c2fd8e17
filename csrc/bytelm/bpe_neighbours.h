// Which tokens cannot stand behind a given one because merging would join something across their
// border.
//
// Undoing the merges of a token from its right end gives a chain of symbols r0, r1, ... that stood
// at the border one after the other; in the same way the token behind shows its left chain. A merge
// of r with z prevents the border if it comes before both of them are merged away. The tokens with
// z in their left chain are the descendants of z in the tree of left parts. With the children of
// each node in falling order of their merges, those that keep z long enough are one interval of the
// tree's depth-first order. So the set is a union of few intervals, without a test for each token.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "bytelm/bpe_rules.h"
#include "bytelm/token_set.h"

namespace tokmill::bytelm {

class BpeNeighbours {
 public:
    explicit BpeNeighbours(BpeRules const& rules);

    // Removes from `tokens` all that cannot follow the symbol within a piece, and those that
    // merging never forms.
    void keep_followers(std::uint32_t symbol, TokenSet& tokens) const;

    bool may_follow(std::uint32_t left, std::uint32_t right) const {
        return rules_->stay_apart(left, right);
    }

 private:
    std::uint32_t moment(std::uint32_t merge) const noexcept;
    void order_tree();
    void order_merges();
    // Of order_.
    struct Interval {
        std::uint32_t begin, end;
    };
    std::vector<Interval> blocked_intervals(std::uint32_t symbol) const;
    void erase_ordered(std::size_t begin, std::size_t end, TokenSet& tokens) const;
    void erase_union(std::vector<Interval> const& intervals, TokenSet& tokens) const;
    struct Found {
        TokenSet followers;
        bool took_long;
    };
    Found find_followers(std::uint32_t symbol) const;
    std::shared_ptr<TokenSet const> find_remembered(std::uint32_t symbol) const;
    void remember(std::uint32_t symbol, TokenSet followers) const;
    void erase_tested(std::uint32_t symbol, std::vector<std::uint32_t> const& candidates,
                      TokenSet& tokens) const;

    BpeRules const* rules_;
    TokenSet formed_;                         // places of tokens that merging forms
    std::vector<std::uint32_t> irregular_;    // symbols
    std::vector<std::uint32_t> order_;        // symbols, depth first
    std::vector<std::uint32_t> begin_, end_;  // [symbol]: its subtree in order_
    std::vector<std::uint32_t> first_merge_;  // [symbol]: its merges as a left part
    std::vector<std::uint32_t> merges_;       // symbols, each symbol's in rising order
    // Followers of symbols for which it takes long to find them, such as a space.
    static constexpr std::size_t kMaxRemembered = 256;
    mutable std::mutex mutex_;
    mutable std::unordered_map<std::uint32_t, std::shared_ptr<TokenSet const>> remembered_;
    std::vector<std::uint32_t> blocked_end_;  // [merge in merges_]: what it keeps away, in order_
};

}  // namespace tokmill::bytelm
