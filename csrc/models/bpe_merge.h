// Byte-pair merging of one pre-token: repeatedly the adjacent pair of lowest priority, leftmost
// first. docs/bpe.md proves why long pre-tokens may be merged window by window.
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

    // Appends the symbols of `size` bytes at `text`. Linear in practice for any text; n log n at
    // the worst.
    void merge(unsigned char const* text, std::size_t size, std::vector<Symbol>& out) const;

    // The same for 1 to 64 bytes, into `out` (room for 64); returns the number of symbols. If
    // `last_priority` is given, it receives the priority of the last merge, or kNoMerge.
    std::size_t merge_short(unsigned char const* text, std::size_t size, Symbol* out,
                            std::uint32_t* last_priority = nullptr) const;

    // The same for any length with a priority queue, O(n log n).
    void merge_with_queue(unsigned char const* text, std::size_t size, std::vector<Symbol>& out,
                          std::uint32_t* last_priority = nullptr) const;

 private:
    template <class MergeWindow>
    bool merge_by_windows(unsigned char const* text, std::size_t size, std::size_t window,
                          MergeWindow const& merge_window, std::vector<Symbol>& out) const;

    PairTable const* pairs_;
    simd::MergeShort merge_short_;
};

}  // namespace tokmill
