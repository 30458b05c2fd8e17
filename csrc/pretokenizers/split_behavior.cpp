// The five behaviours, as tokenizers defines them.
#include "pretokenizers/split_behavior.h"

#include <algorithm>
#include <cstddef>

namespace tokmill::stages {

namespace {

using Parts = std::vector<std::pair<Span, bool>>;

// A match joins the part before it, unless that part is a match itself.
std::vector<Span> merge_with_previous(Parts const& parts) {
    std::vector<Span> pieces;
    bool after_match = false;
    for (auto const& [span, is_match] : parts) {
        if (is_match && !after_match && !pieces.empty()) {
            pieces.back().end = span.end;
        } else {
            pieces.push_back(span);
        }
        after_match = is_match;
    }
    return pieces;
}

// The same from the other end.
std::vector<Span> merge_with_next(Parts const& parts) {
    std::vector<Span> pieces;
    bool before_match = false;
    for (std::size_t i = parts.size(); i-- > 0;) {
        auto const& [span, is_match] = parts[i];
        if (is_match && !before_match && !pieces.empty()) {
            pieces.back().begin = span.begin;
        } else {
            pieces.push_back(span);
        }
        before_match = is_match;
    }
    std::reverse(pieces.begin(), pieces.end());
    return pieces;
}

// Neighbours of one kind become one piece.
std::vector<Span> merge_alike(Parts const& parts) {
    std::vector<Span> pieces;
    bool previous = false;
    for (auto const& [span, is_match] : parts) {
        if (is_match == previous && !pieces.empty()) {
            pieces.back().end = span.end;
        } else {
            pieces.push_back(span);
        }
        previous = is_match;
    }
    return pieces;
}

std::vector<Span> leave_alone(Parts const& parts, bool with_matches) {
    std::vector<Span> pieces;
    for (auto const& [span, is_match] : parts) {
        if (with_matches || !is_match) pieces.push_back(span);
    }
    return pieces;
}

}  // namespace

std::vector<Span> apply_behavior(Parts const& parts, SplitBehavior behavior) {
    switch (behavior) {
        case SplitBehavior::removed:
            return leave_alone(parts, false);
        case SplitBehavior::isolated:
            return leave_alone(parts, true);
        case SplitBehavior::merged_with_previous:
            return merge_with_previous(parts);
        case SplitBehavior::merged_with_next:
            return merge_with_next(parts);
        case SplitBehavior::contiguous:
            return merge_alike(parts);
    }
    return {};
}

}  // namespace tokmill::stages
