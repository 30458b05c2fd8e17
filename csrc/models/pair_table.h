// Which two adjacent symbols merge, and how early: the heart of BPE.
//
// Symbols are numbers below 2^21; 0..255 are the bytes. A pair has a priority (lower merges first)
// and the symbol it becomes. The compiled table of a tokenizer numbers its symbols by priority, so
// there the two are the same number (`symbol_of` is empty); while a definition is being compiled
// they differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.h"
#include "core/inline.h"

namespace tokmill {

inline constexpr std::uint32_t kNoMerge = 0xFFFFFFFF;
inline constexpr std::uint32_t kMaxSymbols = 1u << 21;

class PairTable {
 public:
    struct Entry {
        std::uint32_t left, right, priority;
    };
    // Priorities below 2^22. Of several entries for one pair the last counts.
    explicit PairTable(std::span<Entry const> entries, std::vector<std::uint32_t> symbol_of = {});
    PairTable() : PairTable(std::span<Entry const>{}) {}

    // Snapshot form: a power of two of slots, at least 2, at least one of them free, and a filter
    // of filter_size(slots.size()) numbers.
    PairTable(Array<std::uint64_t> slots, Array<std::uint64_t> filter);
    Array<std::uint64_t> const& slots() const noexcept { return slots_; }
    Array<std::uint64_t> const& filter() const noexcept { return filter_; }
    // Four bits a slot: at most one in eight is set.
    static std::size_t filter_size(std::size_t slots) noexcept { return (slots + 15) / 16; }

    static constexpr std::uint64_t kFreeSlot = ~std::uint64_t{0};
    static Entry unpack(std::uint64_t slot) noexcept {
        return {static_cast<std::uint32_t>(slot >> 43),
                static_cast<std::uint32_t>(slot >> 22 & (kMaxSymbols - 1)),
                static_cast<std::uint32_t>(slot & kPriorityMask)};
    }

    // The priority of the pair, or kNoMerge.
    TOKMILL_INLINE std::uint32_t find(std::uint32_t left, std::uint32_t right) const noexcept {
        std::uint64_t const key = pack(left, right);
        std::uint64_t const hash = hash_of(key);
        // Most pairs do not merge, and a small filter that stays near the processor says so; then
        // some slot is read that stays near, too. Whether a pair merges is hard to predict, so only
        // a slot that another pair took is left to a branch.
        std::uint64_t const bit = hash >> filter_shift_;
        bool const possible = filter_data_[bit / 64] >> bit % 64 & 1;
        std::size_t i = possible ? static_cast<std::size_t>(hash >> shift_) : 0;
        std::uint64_t slot = slots_data_[i];
        std::uint32_t priority =
            slot >> 22 == key ? static_cast<std::uint32_t>(slot & kPriorityMask) : kNoMerge;
        if (possible & (priority == kNoMerge) & (slot != kFreeSlot)) [[unlikely]] {
            do {
                i = (i + 1) & mask_;
                slot = slots_data_[i];
                if (slot >> 22 == key) return static_cast<std::uint32_t>(slot & kPriorityMask);
            } while (slot != kFreeSlot);
        }
        return priority;
    }
    // The same for two bytes, without hashing.
    TOKMILL_INLINE std::uint32_t find_bytes(unsigned char left,
                                            unsigned char right) const noexcept {
        return byte_pairs_data_[left << 8 | right];
    }
    TOKMILL_INLINE std::uint32_t symbol(std::uint32_t priority) const noexcept {
        return symbol_of_data_ == nullptr ? priority : symbol_of_data_[priority];
    }

 private:
    static constexpr std::uint64_t kPriorityMask = (1u << 22) - 1;

    static TOKMILL_INLINE std::uint64_t pack(std::uint32_t left, std::uint32_t right) noexcept {
        return std::uint64_t{left} << 21 | right;
    }
    static TOKMILL_INLINE std::uint64_t hash_of(std::uint64_t key) noexcept {
        return key * 0x9E3779B97F4A7C15u;
    }
    void attach();
    static unsigned filter_shift(std::size_t slots) noexcept;

    Array<std::uint64_t> slots_;       // left:21 right:21 priority:22; open addressing
    Array<std::uint32_t> byte_pairs_;  // 65,536 priorities
    std::vector<std::uint32_t> symbol_of_;
    Array<std::uint64_t> filter_;  // a bit for each possible start of a hash
    std::uint64_t const* slots_data_ = nullptr;
    std::uint64_t const* filter_data_ = nullptr;
    std::uint32_t const* byte_pairs_data_ = nullptr;
    std::uint32_t const* symbol_of_data_ = nullptr;
    std::size_t mask_ = 0;
    unsigned shift_ = 0;
    unsigned filter_shift_ = 0;
};

}  // namespace tokmill
