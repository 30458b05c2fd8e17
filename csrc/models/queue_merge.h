// Merging with a priority queue over a linked list of parts: the textbook form, O(n log n), for any
// rule that gives two adjacent parts a priority.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "models/pair_table.h"

namespace tokmill {

struct MergedPart {
    std::size_t begin, end;
};

namespace detail {

template <class Position, class Priority, class Merged>
std::vector<MergedPart> merge_parts_with(std::size_t size, Priority const& priority,
                                         Merged const& merged) {
    struct Node {
        std::uint32_t priority;  // of the join with the next part; kNoMerge if none or merged away
        Position previous, next;
    };
    struct Join {
        std::uint32_t priority;
        Position at;
        bool operator>(Join const& other) const {
            if constexpr (sizeof(Position) == 4) return both() > other.both();
            return priority != other.priority ? priority > other.priority : at > other.at;
        }
        std::uint64_t both() const {
            return std::uint64_t{priority} << 32 | static_cast<std::uint32_t>(at);
        }
    };
    auto const none = static_cast<Position>(size);
    std::vector<Node> nodes(size);
    std::vector<Join> joins;
    joins.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
        std::uint32_t const p = i + 1 < size ? priority(i, i + 1, i + 2) : kNoMerge;
        auto const at = static_cast<Position>(i);
        nodes[i] = {p, i == 0 ? none : static_cast<Position>(i - 1), static_cast<Position>(i + 1)};
        if (p != kNoMerge) joins.push_back({p, at});
    }
    std::priority_queue<Join, std::vector<Join>, std::greater<>> queue({}, std::move(joins));
    auto const end_of = [&](Position at) { return nodes[at].next; };
    auto const renew = [&](Position at) {
        Position const next = nodes[at].next;
        nodes[at].priority = next == none ? kNoMerge : priority(at, next, end_of(next));
        if (nodes[at].priority != kNoMerge) queue.push({nodes[at].priority, at});
    };
    while (!queue.empty()) {
        Join const join = queue.top();
        queue.pop();
        if (nodes[join.at].priority != join.priority) continue;  // a part has changed since
        Position const middle = nodes[join.at].next;
        Position const end = end_of(middle);
        merged(join.at, middle, end, join.priority);
        nodes[middle].priority = kNoMerge;
        nodes[join.at].next = end;
        if (end != none) nodes[end].previous = join.at;
        renew(join.at);
        if (nodes[join.at].previous != none) renew(nodes[join.at].previous);
    }
    std::vector<MergedPart> parts;
    for (std::size_t i = 0; i < size; i = nodes[i].next) parts.push_back({i, nodes[i].next});
    return parts;
}

}  // namespace detail

// Starts from parts of one byte, or of whatever there are `size` of. `priority(begin, middle, end)`
// is the priority of joining [begin, middle) and [middle, end), or kNoMerge; `merged(begin, middle,
// end, priority)` is told of each join. Lowest priority first, leftmost among equals.
template <class Priority, class Merged>
std::vector<MergedPart> merge_parts(std::size_t size, Priority const& priority,
                                    Merged const& merged) {
    // Half of the memory means half of the time.
    if (size < UINT32_MAX) {
        return detail::merge_parts_with<std::uint32_t>(size, priority, merged);
    }
    return detail::merge_parts_with<std::size_t>(size, priority, merged);
}

}  // namespace tokmill
