// Words of at most 16 bytes as one 128-bit number: the exact key of the lookup tables. What is left
// of the 16 bytes is filled with 0xFF, a byte that UTF-8 never holds, so the length needs no place
// of its own. Words that do hold it (bytes that are not text) must stay out of the tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/inline.h"

namespace tokmill {

inline constexpr std::size_t kMaxKeyBytes = 16;

struct WordKey {
    std::uint64_t low, high;

    bool operator==(WordKey const&) const = default;
};

// The key of words that are too long: that of the empty word, which no table holds.
inline constexpr WordKey kNoWord{~std::uint64_t{0}, ~std::uint64_t{0}};
// What free places of tables hold: 0xFF in front of other bytes cannot come from any word.
inline constexpr WordKey kFreeKey{0xFF, 0};

namespace detail {

struct KeyPadding {
    std::uint64_t low[kMaxKeyBytes + 2], high[kMaxKeyBytes + 2];
};
inline constexpr KeyPadding kKeyPadding = [] {
    KeyPadding padding{};
    for (std::size_t n = 0; n <= kMaxKeyBytes; ++n) {
        padding.low[n] = n >= 8 ? 0 : ~std::uint64_t{0} << (8 * n);
        padding.high[n] = n >= 16  ? 0
                          : n <= 8 ? ~std::uint64_t{0}
                                   : ~std::uint64_t{0} << (8 * (n - 8));
    }
    padding.low[kMaxKeyBytes + 1] = padding.high[kMaxKeyBytes + 1] = ~std::uint64_t{0};
    return padding;
}();

}  // namespace detail

// 16 bytes at `text` must be readable.
TOKMILL_INLINE WordKey make_key_unchecked(unsigned char const* text, std::size_t size) noexcept {
    std::size_t const n = size > kMaxKeyBytes ? kMaxKeyBytes + 1 : size;
    std::uint64_t low, high;
    std::memcpy(&low, text, 8);
    std::memcpy(&high, text + 8, 8);
    return {low | detail::kKeyPadding.low[n], high | detail::kKeyPadding.high[n]};
}

// Reads only the word itself.
inline WordKey make_key(unsigned char const* text, std::size_t size) noexcept {
    unsigned char padded[16] = {};
    std::memcpy(padded, text, size > kMaxKeyBytes ? 0 : size);
    return make_key_unchecked(padded, size);
}

inline bool can_be_key(std::string_view word) noexcept {
    return word.size() <= kMaxKeyBytes && word.find('\xFF') == std::string_view::npos;
}

TOKMILL_INLINE std::uint64_t hash_key(WordKey key) noexcept {
    // The tables index with the upper bits, into which a product carries all lower ones.
    return key.low * 0x9E3779B97F4A7C15u + key.high * 0xC2B2AE3D27D4EB4Fu;
}

}  // namespace tokmill
