#include "models/pair_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tokmill {

PairTable::PairTable(std::span<Entry const> entries, std::vector<std::uint32_t> symbol_of)
    : symbol_of_(std::move(symbol_of)) {
    // At most two thirds full, so that a search is short; the filter answers most of them anyway.
    std::size_t const capacity = std::bit_ceil(entries.size() / 2 * 3 + 4);
    LargeVector<std::uint64_t> slots(capacity, kFreeSlot);
    LargeVector<std::uint64_t> filter(filter_size(capacity));
    mask_ = capacity - 1;
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(capacity));
    filter_shift_ = filter_shift(capacity);
    constexpr std::size_t kAhead = 16;
    for (std::size_t n = 0; n < entries.size(); ++n) {
        Entry const& ahead = entries[std::min(n + kAhead, entries.size() - 1)];
        __builtin_prefetch(&slots[hash_of(pack(ahead.left, ahead.right)) >> shift_]);
        std::uint64_t const key = pack(entries[n].left, entries[n].right);
        std::uint64_t const hash = hash_of(key);
        std::size_t i = static_cast<std::size_t>(hash >> shift_);
        while (slots[i] != kFreeSlot && slots[i] >> 22 != key) i = (i + 1) & mask_;
        slots[i] = key << 22 | entries[n].priority;
        std::uint64_t const bit = hash >> filter_shift_;
        filter[bit / 64] |= std::uint64_t{1} << bit % 64;
    }
    slots_ = Array(std::move(slots));
    filter_ = Array(std::move(filter));
    attach();
}

PairTable::PairTable(Array<std::uint64_t> slots, Array<std::uint64_t> filter)
    : slots_(std::move(slots)), filter_(std::move(filter)) {
    attach();
}

void PairTable::attach() {
    LargeVector<std::uint32_t> byte_pairs(0x10000, kNoMerge);
    for (std::uint64_t const slot : slots_) {
        if (slot >> 51 != 0) continue;  // no byte on the left
        Entry const entry = unpack(slot);
        if (entry.right < 256) {
            byte_pairs[entry.left << 8 | entry.right] = entry.priority;
        }
    }
    byte_pairs_ = Array(std::move(byte_pairs));
    slots_data_ = slots_.data();
    byte_pairs_data_ = byte_pairs_.data();
    symbol_of_data_ = symbol_of_.empty() ? nullptr : symbol_of_.data();
    mask_ = slots_.size() - 1;
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
    filter_data_ = filter_.data();
    filter_shift_ = filter_shift(slots_.size());
}

unsigned PairTable::filter_shift(std::size_t slots) noexcept {
    return 64 - static_cast<unsigned>(std::countr_zero(filter_size(slots) * 64));
}

}  // namespace tokmill
