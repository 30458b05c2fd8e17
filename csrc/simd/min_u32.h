// The smallest of a few 32-bit numbers: the inner loop of short merges. The widest set that the
// baseline of each architecture allows is chosen at compile time; wider sets gain nothing on the
// 16 numbers that a word needs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokmill::simd {

// `count` is a positive multiple of 16.
inline std::uint32_t min_u32(std::uint32_t const* values, std::size_t count) noexcept {
    std::uint32_t a = values[0], b = values[1], c = values[2], d = values[3];
    for (std::size_t i = 4; i < count; i += 4) {
        a = values[i] < a ? values[i] : a;
        b = values[i + 1] < b ? values[i + 1] : b;
        c = values[i + 2] < c ? values[i + 2] : c;
        d = values[i + 3] < d ? values[i + 3] : d;
    }
    a = b < a ? b : a;
    c = d < c ? d : c;
    return c < a ? c : a;
}

}  // namespace tokmill::simd
