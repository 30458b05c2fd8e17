#include "models/bpe_merge.h"

#include <algorithm>
#include <bit>

#include "models/queue_merge.h"

namespace tokmill {
namespace {

constexpr std::size_t kShort = simd::kMaxShortMerge;
constexpr std::size_t kMedium = 4096;

}  // namespace

BpeMerger::BpeMerger(PairTable const& pairs)
    : pairs_(&pairs), merge_short_(simd::short_merger(simd::active_isa())) {}

std::size_t BpeMerger::merge_short(unsigned char const* text, std::size_t size, Symbol* out,
                                   std::uint32_t* last_priority) const {
    simd::ShortMerge merged;
    merge_short_(*pairs_, text, size, merged);
    std::size_t count = 0;
    for (std::uint64_t starts = merged.starts; starts != 0;) {
        unsigned const i = static_cast<unsigned>(std::countr_zero(starts));
        starts &= starts - 1;
        unsigned const next = starts == 0 ? static_cast<unsigned>(size)
                                          : static_cast<unsigned>(std::countr_zero(starts));
        out[count++] = {merged.symbols[i], next - i};
    }
    if (last_priority != nullptr) *last_priority = merged.last_priority;
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

// Two windows that overlap in one whole token agree on everything the other sees: if a window is
// merged from the start of some token of the previous window and begins with that same token, then
// all neighbours in the joined sequence are neighbours in some merged window, which makes it the
// merging of the whole (docs/bpe.md). False if windows of this size do not agree somewhere.
template <class MergeWindow>
bool BpeMerger::merge_by_windows(unsigned char const* text, std::size_t size, std::size_t window,
                                 MergeWindow const& merge_window, std::vector<Symbol>& out) const {
    constexpr int kRetries = 8;
    std::vector<Symbol> current, next;
    merge_window(text, std::min(window, size), current);
    std::size_t begin = 0;  // of the current window
    for (;;) {
        if (size - begin <= window) {
            out.insert(out.end(), current.begin(), current.end());
            return true;
        }
        // The last tokens of a window have not seen enough of what follows.
        std::size_t keep = current.size() > 3 ? current.size() - 3 : current.size() - 1;
        std::size_t offset = 0;
        for (std::size_t i = 0; i < keep; ++i) offset += current[i].size;
        bool agreed = false;
        for (int retry = 0; retry < kRetries && keep > 0; ++retry) {
            std::size_t const start = begin + offset;
            next.clear();
            merge_window(text + start, std::min(window, size - start), next);
            if (next.front().id == current[keep].id && next.front().size == current[keep].size) {
                agreed = true;
                break;
            }
            offset -= current[--keep].size;
        }
        if (!agreed) return false;
        out.insert(out.end(), current.begin(), current.begin() + static_cast<std::ptrdiff_t>(keep));
        begin += offset;
        current.swap(next);
    }
}

void BpeMerger::merge(unsigned char const* text, std::size_t size, std::vector<Symbol>& out) const {
    auto const by_mask = [this](unsigned char const* p, std::size_t n,
                                std::vector<Symbol>& symbols) {
        symbols.resize(kShort);
        symbols.resize(merge_short(p, n, symbols.data()));
    };
    auto const by_queue = [this](unsigned char const* p, std::size_t n,
                                 std::vector<Symbol>& symbols) { merge_with_queue(p, n, symbols); };
    if (size == 0) return;
    std::size_t const before = out.size();
    if (merge_by_windows(text, size, kShort, by_mask, out)) return;
    out.resize(before);
    if (merge_by_windows(text, size, kMedium, by_queue, out)) return;
    out.resize(before);
    merge_with_queue(text, size, out);
}

}  // namespace tokmill
