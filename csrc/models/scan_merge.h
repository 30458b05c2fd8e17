// Merging a few dozen symbols by looking through all pairs for each merge: quicker than a queue.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/pair_table.h"

namespace tokmill {

inline constexpr std::size_t kMostToScan = 64;

// Merges up to kMostToScan symbols; returns how many are left. rank(a, b) of two neighbours is
// below 2^25, the lowest first, or kNoMerge; result(rank) is the symbol that they become.
template <class Rank, class Result>
std::size_t merge_by_scan(std::uint32_t* symbols, std::size_t count, Rank const& rank,
                          Result const& result) {
    static_assert(kMostToScan == 64);
    constexpr std::uint32_t kNone = 0x7FFFFFFF;
    constexpr std::size_t kLanes = 8;
    // The rank of (symbol at i, the next one) << 6 | i, so that the smallest names the pair that
    // comes first and, among equals, the leftmost.
    std::uint32_t candidate[kMostToScan];
    std::uint8_t previous[kMostToScan + 1], next[kMostToScan + 1];
    auto const rate = [&](std::size_t i, std::size_t right) {
        std::uint32_t const found = rank(symbols[i], symbols[right]);
        return found == kNoMerge ? kNone : found << 6 | static_cast<std::uint32_t>(i);
    };
    std::size_t const blocks = (count + kLanes - 1) / kLanes;
    std::fill(candidate, candidate + kMostToScan, kNone);
    for (std::size_t i = 0; i < count; ++i) {
        previous[i] = static_cast<std::uint8_t>(i - 1);
        next[i] = static_cast<std::uint8_t>(i + 1);
        if (i + 1 < count) candidate[i] = rate(i, i + 1);
    }
    for (;;) {
        std::uint32_t lanes[kLanes];
        std::copy(candidate, candidate + kLanes, lanes);
        for (std::size_t block = 1; block < blocks; ++block) {
            for (std::size_t i = 0; i < kLanes; ++i) {
                lanes[i] = std::min(lanes[i], candidate[block * kLanes + i]);
            }
        }
        std::uint32_t const best = *std::min_element(lanes, lanes + kLanes);
        if (best == kNone) break;
        std::size_t const left = best & 63, right = next[left], behind = next[right];
        symbols[left] = result(best >> 6);
        candidate[right] = kNone;
        next[left] = static_cast<std::uint8_t>(behind);
        previous[behind] = static_cast<std::uint8_t>(left);
        candidate[left] = behind < count ? rate(left, behind) : kNone;
        if (left != 0) candidate[previous[left]] = rate(previous[left], left);
    }
    std::size_t left_over = 0;
    for (std::size_t i = 0; i < count; i = next[i]) symbols[left_over++] = symbols[i];
    return left_over;
}

}  // namespace tokmill
