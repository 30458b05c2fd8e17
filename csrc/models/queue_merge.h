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

// Starts from parts of one byte. `priority(begin, middle, end)` is the priority of joining
// [begin, middle) and [middle, end), or kNoMerge; `merged(begin, middle, end, priority)` is told of
// each join. Lowest priority first, leftmost among equals.
template <class Priority, class Merged>
std::vector<MergedPart> merge_parts(std::size_t size, Priority const& priority,
                                    Merged const& merged) {
    struct Node {
        std::uint32_t priority;  // of the join with the next part; kNoMerge if none or merged away
        std::size_t previous, next;
    };
    struct Join {
        std::uint32_t priority;
        std::size_t at;
        bool operator>(Join const& other) const {
            return priority != other.priority ? priority > other.priority : at > other.at;
        }
    };
    std::size_t const none = size;
    std::vector<Node> nodes(size);
    std::vector<Join> joins;
    joins.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
        std::uint32_t const p = i + 1 < size ? priority(i, i + 1, i + 2) : kNoMerge;
        nodes[i] = {p, i == 0 ? none : i - 1, i + 1};
        if (p != kNoMerge) joins.push_back({p, i});
    }
    std::priority_queue<Join, std::vector<Join>, std::greater<>> queue({}, std::move(joins));
    auto const end_of = [&](std::size_t at) { return nodes[at].next; };
    auto const renew = [&](std::size_t at) {
        std::size_t const next = nodes[at].next;
        nodes[at].priority = next == none ? kNoMerge : priority(at, next, end_of(next));
        if (nodes[at].priority != kNoMerge) queue.push({nodes[at].priority, at});
    };
    while (!queue.empty()) {
        Join const join = queue.top();
        queue.pop();
        if (nodes[join.at].priority != join.priority) continue;  // a part has changed since
        std::size_t const middle = nodes[join.at].next;
        std::size_t const end = end_of(middle);
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

}  // namespace tokmill
