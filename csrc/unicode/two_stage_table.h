// Unpacks the text form of generated two-stage tables at compile time. Blocks of 256 code points
// are strings with one symbol a code point; the n-th symbol stands for the n-th distinct record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tokmill::unicode {

// Symbols are the printable ASCII characters in their order, without the three that are awkward in
// string literals.
constexpr std::array<std::uint8_t, 128> symbol_numbers() {
    std::array<std::uint8_t, 128> numbers{};
    std::uint8_t next = 0;
    for (std::size_t c = ' '; c < 0x7F; ++c) {
        if (c != '"' && c != '?' && c != '\\') numbers[c] = next++;
    }
    return numbers;
}

// The blocks one behind the other, with the numbers of the symbols in place of the symbols.
template <std::size_t kCount>
constexpr std::array<std::uint8_t, kCount * 256> unpack_blocks(
    std::string_view const (&blocks)[kCount]) {
    constexpr std::array<std::uint8_t, 128> kNumbers = symbol_numbers();
    std::array<std::uint8_t, kCount * 256> unpacked{};
    for (std::size_t block = 0; block < kCount; ++block) {
        for (std::size_t i = 0; i < 256; ++i) {
            unpacked[block * 256 + i] = kNumbers[static_cast<std::uint8_t>(blocks[block][i])];
        }
    }
    return unpacked;
}

}  // namespace tokmill::unicode
