// Beginnings and ends of UTF-8 characters, as sequences of bytes that grow one by one need them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tokmill::bytelm {

// The last four bytes of something, the latest in the lowest eight bits.
using RecentBytes = std::uint32_t;

// Code points first .. last, surrogates left out; empty if last < first.
struct CodePointRange {
    std::uint32_t first = 1;
    std::uint32_t last = 0;
    bool empty() const noexcept { return last < first; }
};

// How many bytes the first byte of a character announces; 0 if it is not one.
inline std::size_t utf8_size(unsigned char lead) noexcept {
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// The characters whose UTF-8 begins with the last `count` of these bytes, 1 <= count <= 4.
inline CodePointRange characters_with_prefix(RecentBytes bytes, std::size_t count) noexcept {
    constexpr std::uint32_t kFirst[] = {0, 0, 0x80, 0x800, 0x10000};
    constexpr std::uint32_t kLast[] = {0, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
    auto const byte = [&](std::size_t i) {
        return static_cast<unsigned char>(bytes >> 8 * (count - 1 - i));
    };
    std::size_t const size = utf8_size(byte(0));
    if (size == 0 || count > size) return {};
    std::uint32_t value = size == 1 ? byte(0) : byte(0) & (0x7Fu >> size);
    for (std::size_t i = 1; i < count; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    auto const open_bits = static_cast<unsigned>(6 * (size - count));
    std::uint32_t first = value << open_bits;
    std::uint32_t last = first | ((std::uint32_t{1} << open_bits) - 1);
    first = std::max(first, kFirst[size]);
    last = std::min(last, kLast[size]);
    constexpr std::uint32_t kSurrogates = 0xD800, kBehindSurrogates = 0xE000;
    if (first >= kSurrogates && first < kBehindSurrogates) first = kBehindSurrogates;
    if (last >= kSurrogates && last < kBehindSurrogates) last = kSurrogates - 1;
    return {first, last};
}

// The size of the character that ends with the last byte; 0 if none does. `count`: how many bytes
// there are at all.
inline std::size_t last_character_size(RecentBytes bytes, std::size_t count) noexcept {
    std::size_t size = 1;
    while (size < 4 && (bytes >> 8 * (size - 1) & 0xC0) == 0x80) ++size;
    if (size > count) return 0;
    if (utf8_size(static_cast<unsigned char>(bytes >> 8 * (size - 1))) != size) return 0;
    return characters_with_prefix(bytes, size).empty() ? 0 : size;
}

}  // namespace tokmill::bytelm
