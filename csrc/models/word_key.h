// Words of at most 15 bytes as two 64-bit numbers: the exact key of the lookup tables. The bytes,
// padded with zeros, and the length in bits 56..59 of the second half; bits 60..63 are left to the
// tables. A longer word gets the key that no table holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/inline.h"

namespace tokmill {

inline constexpr std::size_t kMaxKeyBytes = 15;

struct WordKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;  // length in bits 56..59

    std::size_t size() const noexcept { return high >> 56 & 0xF; }
};

namespace detail {

struct KeyMask {
    std::uint64_t low, high, length;
};
struct KeyMasks {
    KeyMask at[17];
};
inline constexpr KeyMasks kKeyMasks = [] {
    KeyMasks masks{};
    for (std::uint64_t n = 1; n <= kMaxKeyBytes; ++n) {
        masks.at[n].low = n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * n)) - 1;
        masks.at[n].high = n <= 8 ? 0 : (std::uint64_t{1} << (8 * (n - 8))) - 1;
        masks.at[n].length = n << 56;
    }
    // No word: differs from every entry, the free ones (all zero) included.
    masks.at[0].length = masks.at[16].length = 1;
    return masks;
}();

}  // namespace detail

// 16 bytes at `text` must be readable.
TOKMILL_INLINE WordKey make_key_unchecked(unsigned char const* text, std::size_t size) noexcept {
    detail::KeyMask const& mask = detail::kKeyMasks.at[size > kMaxKeyBytes ? 16 : size];
    std::uint64_t low, high;
    std::memcpy(&low, text, 8);
    std::memcpy(&high, text + 8, 8);
    return {low & mask.low, (high & mask.high) | mask.length};
}

// Reads only the word itself.
inline WordKey make_key(unsigned char const* text, std::size_t size) noexcept {
    unsigned char padded[16] = {};
    std::memcpy(padded, text, size > kMaxKeyBytes ? 0 : size);
    return make_key_unchecked(padded, size);
}

TOKMILL_INLINE std::uint64_t hash_key(WordKey key) noexcept {
    // The tables index with the upper bits, into which a product carries all lower ones.
    std::uint64_t const h =
        key.low * 0x9E3779B97F4A7C15u + (key.high ^ key.high >> 32) * 0xC2B2AE3D27D4EB4Fu;
    return h ^ h >> 29;
}

}  // namespace tokmill
