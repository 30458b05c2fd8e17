// Finds the next byte that belongs to a set, or the next pair of bytes whose first belongs to one
// set and whose second to another: the filter in front of a search for strings.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/byte_search_kernels.h"
#include "simd/isa.h"

namespace tokmill::simd {

using ByteSet = std::bitset<256>;

// A prepared search; as cheap to copy as its tables (some hundred bytes).
class ByteSearch {
 public:
    // Looks for the bytes of `first`.
    explicit ByteSearch(ByteSet const& first);
    // Looks for a byte of `first` with a byte of `second` behind it.
    ByteSearch(ByteSet const& first, ByteSet const& second);
    // On a given instruction set, which must be available: for tests.
    ByteSearch(ByteSet const& first, ByteSet const& second, Isa isa);
    ByteSearch(ByteSet const& first, Isa isa);

    // The first position at or behind `from` (which is at most the length) where such a byte or
    // pair begins; the length of the text if there is none.
    std::size_t find(std::string_view text, std::size_t from) const {
        return find_(tables_, reinterpret_cast<std::uint8_t const*>(text.data()), from,
                     text.size());
    }

 private:
    ByteSearch(ByteSet const& first, ByteSet const* second, Isa isa);

    ByteSearchTables tables_;
    FindBytes find_;
};

}  // namespace tokmill::simd
