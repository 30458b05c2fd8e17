#include "models/bpe_merge.h"

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
