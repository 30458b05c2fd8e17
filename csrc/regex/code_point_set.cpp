// Set operations over sorted ranges.
#include "regex/code_point_set.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tokmill::regex {

namespace {

// Sorts, merges what overlaps or touches, then cuts the surrogates out.
std::vector<CodePointRange> normalize(std::vector<CodePointRange> ranges) {
    auto const by_first = [](CodePointRange a, CodePointRange b) { return a.first < b.first; };
    if (!std::is_sorted(ranges.begin(), ranges.end(), by_first))
        std::sort(ranges.begin(), ranges.end(), by_first);
    std::vector<CodePointRange> merged;
    for (CodePointRange range : ranges) {
        range.last = std::min(range.last, kLastCodePoint);
        if (range.first > range.last) continue;
        if (!merged.empty() && range.first <= merged.back().last + 1)
            merged.back().last = std::max(merged.back().last, range.last);
        else
            merged.push_back(range);
    }
    std::vector<CodePointRange> result;
    for (CodePointRange range : merged) {
        if (range.first < kFirstSurrogate)
            result.push_back({range.first, std::min(range.last, kFirstSurrogate - 1)});
        if (range.last > kLastSurrogate)
            result.push_back({std::max(range.first, kLastSurrogate + 1), range.last});
    }
    return result;
}

}  // namespace

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges)
    : ranges_(normalize(std::move(ranges))) {}

CodePointSet CodePointSet::all() {
    return CodePointSet({{0, kLastCodePoint}});
}

std::size_t CodePointSet::size() const noexcept {
    std::size_t count = 0;
    for (CodePointRange range : ranges_) count += range.last - range.first + 1;
    return count;
}

bool CodePointSet::contains(std::uint32_t code_point) const noexcept {
    auto const after =
        std::upper_bound(ranges_.begin(), ranges_.end(), code_point,
                         [](std::uint32_t value, CodePointRange r) { return value < r.first; });
    return after != ranges_.begin() && code_point <= std::prev(after)->last;
}

bool CodePointSet::operator==(CodePointSet const& other) const noexcept {
    return std::equal(
        ranges_.begin(), ranges_.end(), other.ranges_.begin(), other.ranges_.end(),
        [](CodePointRange a, CodePointRange b) { return a.first == b.first && a.last == b.last; });
}

CodePointSet unite(CodePointSet const& a, CodePointSet const& b) {
    std::vector<CodePointRange> ranges = a.ranges();
    ranges.insert(ranges.end(), b.ranges().begin(), b.ranges().end());
    return CodePointSet(std::move(ranges));
}

CodePointSet intersect(CodePointSet const& a, CodePointSet const& b) {
    std::vector<CodePointRange> ranges;
    auto x = a.ranges().begin();
    auto y = b.ranges().begin();
    while (x != a.ranges().end() && y != b.ranges().end()) {
        std::uint32_t const first = std::max(x->first, y->first);
        std::uint32_t const last = std::min(x->last, y->last);
        if (first <= last) ranges.push_back({first, last});
        if (x->last < y->last)
            ++x;
        else
            ++y;
    }
    return CodePointSet(std::move(ranges));
}

CodePointSet complement(CodePointSet const& a) {
    std::vector<CodePointRange> ranges;
    std::uint32_t next = 0;
    for (CodePointRange range : a.ranges()) {
        if (range.first > next) ranges.push_back({next, range.first - 1});
        next = range.last + 1;
    }
    if (next <= kLastCodePoint) ranges.push_back({next, kLastCodePoint});
    return CodePointSet(std::move(ranges));
}

CodePointSet subtract(CodePointSet const& a, CodePointSet const& b) {
    return intersect(a, complement(b));
}

bool disjoint(CodePointSet const& a, CodePointSet const& b) {
    return intersect(a, b).empty();
}

}  // namespace tokmill::regex
