#include "models/bpe_merge.h"

#include <algorithm>
#include <bit>

#include "models/queue_merge.h"

namespace tokmill {
BpeMerger::BpeMerger(PairTable const& pairs)
    : pairs_(&pairs), merge_short_(simd::short_merger(simd::active_isa())) {}

std::size_t BpeMerger::merge_short(unsigned char const* text, std::size_t size, Symbol* out,
                                   std::uint32_t* last_priority) const {
    simd::ShortMerge merged;
    merge_short_(*pairs_, text, size, merged);
    std::size_t count = 0;
    for (std::uint32_t starts = merged.starts; starts != 0;) {
        unsigned const i = static_cast<unsigned>(std::countr_zero(starts));
        starts &= starts - 1;
        unsigned const next = starts == 0 ? static_cast<unsigned>(size)
                                          : static_cast<unsigned>(std::countr_zero(starts));
        out[count++] = {merged.symbols[i], next - i};
    }
    if (last_priority != nullptr) *last_priority = merged.last_priority;
    return count;
}

std::size_t BpeMerger::merge_short(unsigned char const* text, std::size_t size,
                                   std::uint32_t* out) const {
    simd::ShortMerge merged;
    merge_short_(*pairs_, text, size, merged);
    std::size_t count = 0;
    for (std::uint32_t starts = merged.starts; starts != 0; starts &= starts - 1) {
        out[count++] = merged.symbols[std::countr_zero(starts)];
    }
    return count;
}

void BpeMerger::merge_by_scan(unsigned char const* text, std::size_t size, std::vector<Symbol>& out,
                              std::uint32_t* last_priority) const {
    static_assert(kMaxScan == 128);
    constexpr std::uint32_t kNone = 0xFFFFFF80;
    // A candidate is the priority of (symbol at i, the next one) << 7 | i, so that the smallest
    // names the pair of lowest priority and, among equals, the leftmost.
    std::uint32_t candidate[kMaxScan], symbol[kMaxScan];
    std::uint8_t previous[kMaxScan + 1], next[kMaxScan + 1];
    auto const rate = [](std::uint32_t priority, std::size_t i) {
        return priority << 7 | static_cast<std::uint32_t>(i);
    };
    for (std::size_t i = 0; i < size; ++i) {
        symbol[i] = text[i];
        previous[i] = static_cast<std::uint8_t>(i - 1);
        next[i] = static_cast<std::uint8_t>(i + 1);
        candidate[i] = i + 1 < size ? rate(pairs_->find_bytes(text[i], text[i + 1]), i) : kNone;
    }
    std::uint32_t last = kNoMerge;
    for (;;) {
        std::uint32_t best = kNone;
        for (std::size_t i = 0; i < size; ++i) best = std::min(best, candidate[i]);
        if (best >= kNone) break;
        std::size_t const left = best & 127, right = next[left], behind = next[right];
        last = best >> 7;
        symbol[left] = pairs_->symbol(last);
        candidate[right] = kNone;
        next[left] = static_cast<std::uint8_t>(behind);
        previous[behind] = static_cast<std::uint8_t>(left);
        candidate[left] =
            behind < size ? rate(pairs_->find(symbol[left], symbol[behind]), left) : kNone;
        if (left == 0) continue;
        std::size_t const before = previous[left];
        candidate[before] = rate(pairs_->find(symbol[before], symbol[left]), before);
    }
    for (std::size_t i = 0; i < size; i = next[i]) {
        out.push_back({symbol[i], static_cast<std::uint32_t>(next[i] - i)});
    }
    if (last_priority != nullptr) *last_priority = last;
}

void BpeMerger::merge_with_queue(unsigned char const* text, std::size_t size,
                                 std::vector<Symbol>& out, std::uint32_t* last_priority) const {
    std::vector<std::uint32_t> symbol(text, text + size);
    std::uint32_t last = kNoMerge;
    auto const priority = [&](std::size_t begin, std::size_t middle, std::size_t) {
        return pairs_->find(symbol[begin], symbol[middle]);
    };
    auto const merge = [&](std::size_t begin, std::size_t, std::size_t, std::uint32_t found) {
        symbol[begin] = pairs_->symbol(found);
        last = found;
    };
    for (MergedPart const& part : merge_parts(size, priority, merge)) {
        out.push_back({symbol[part.begin], static_cast<std::uint32_t>(part.end - part.begin)});
    }
    if (last_priority != nullptr) *last_priority = last;
}

}  // namespace tokmill
