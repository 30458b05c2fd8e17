// Which encoding is cut to which length, as tokenizers decides it.
#include "pipeline/truncation.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace tokmill::stages {

namespace {

// What is left of each of a pair when the longer one is cut first.
std::pair<std::size_t, std::size_t> share(std::size_t first, std::size_t second,
                                          std::size_t max_length) {
    std::size_t shorter = std::min(first, second);
    std::size_t longer = shorter > max_length ? shorter : std::max(shorter, max_length - shorter);
    if (shorter + longer > max_length) {
        shorter = max_length / 2;
        longer = shorter + max_length % 2;
    }
    return first > second ? std::pair{longer, shorter} : std::pair{shorter, longer};
}

void truncate_longest(Encoding& first, Encoding* second, Truncation const& truncation) {
    if (second == nullptr) {
        first.truncate(truncation.max_length, truncation.stride, truncation.direction);
        return;
    }
    auto const [n, m] = share(first.size(), second->size(), truncation.max_length);
    first.truncate(n, truncation.stride, truncation.direction);
    second->truncate(m, truncation.stride, truncation.direction);
}

}  // namespace

void truncate_encodings(Encoding& first, Encoding* second, Truncation const& truncation) {
    if (truncation.max_length == 0) {
        first.truncate(0, truncation.stride, truncation.direction);
        if (second != nullptr) second->truncate(0, truncation.stride, truncation.direction);
        return;
    }
    std::size_t const total = first.size() + (second != nullptr ? second->size() : 0);
    if (total <= truncation.max_length) return;
    if (truncation.strategy == TruncationStrategy::longest_first) {
        truncate_longest(first, second, truncation);
        return;
    }
    Encoding* const target =
        truncation.strategy == TruncationStrategy::only_first ? &first : second;
    if (target == nullptr) {
        throw Error(ErrorKind::invalid_input, "Truncation error: Second sequence not provided");
    }
    std::size_t const excess = total - truncation.max_length;
    if (target->size() <= excess) {
        throw Error(ErrorKind::invalid_input,
                    "Truncation error: Sequence to truncate too short to respect the provided "
                    "max_length");
    }
    target->truncate(target->size() - excess, truncation.stride, truncation.direction);
}

}  // namespace tokmill::stages
