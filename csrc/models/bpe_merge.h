// Byte-pair merging as it is defined: repeatedly the adjacent pair of lowest priority, leftmost
// first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/pair_table.h"
#include "simd/bpe_merge.h"

namespace tokmill {

struct Symbol {
    std::uint32_t id;
    std::uint32_t size;  // in bytes
};

class BpeMerger {
 public:
    explicit BpeMerger(PairTable const& pairs);

    // Merges 1 to simd::kMaxShortMerge bytes, as many of which must be readable at `text`, into
    // `out` (room for all); returns the number of symbols. If `last_priority` is given, it receives
    // the priority of the last merge, or kNoMerge.
    std::size_t merge_short(unsigned char const* text, std::size_t size, Symbol* out,
                            std::uint32_t* last_priority = nullptr) const;

    // The same, but for the symbols alone.
    std::size_t merge_short(unsigned char const* text, std::size_t size, std::uint32_t* out) const;

    // Appends the symbols of any number of bytes.
    void merge(unsigned char const* text, std::size_t size, std::vector<Symbol>& out,
               std::uint32_t* last_priority = nullptr) const {
        if (size > kMaxScan) return merge_with_queue(text, size, out, last_priority);
        merge_by_scan(text, size, out, last_priority);
    }

    // The same with a priority queue, O(n log n).
    void merge_with_queue(unsigned char const* text, std::size_t size, std::vector<Symbol>& out,
                          std::uint32_t* last_priority = nullptr) const;

 private:
    static constexpr std::size_t kMaxScan = 128;
    // The same by looking through all pairs for each merge, O(n^2), but fast for a few bytes.
    void merge_by_scan(unsigned char const* text, std::size_t size, std::vector<Symbol>& out,
                       std::uint32_t* last_priority) const;

    PairTable const* pairs_;
    simd::MergeShort merge_short_;
};

}  // namespace tokmill
