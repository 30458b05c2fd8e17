// Canonical decomposition, composition and combining classes as tokenizers 0.23.3 has them: mostly
// Unicode 12 and, for the classes, older than that (see tools/gen_unicode.py).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/inline.h"

namespace tokmill::nfc {

// What normalization has to know about a character.
struct Kind {
    std::uint16_t bits;

    // Canonical combining class, as its rank among all classes; 0 for starters.
    constexpr std::uint8_t combining_class() const noexcept { return bits & 0x3F; }
    // Whether it is the second character of a pair that composes.
    constexpr bool is_second() const noexcept { return bits & 0x40; }
    constexpr bool decomposes() const noexcept { return bits & 0x80; }
    // Whether what stands before the character never matters for it or anything behind it: its
    // decomposition begins with a starter that is not the second character of a pair.
    constexpr bool is_boundary() const noexcept { return bits & 0x100; }
    // Whether NFC changes the character when it stands alone.
    constexpr bool changes() const noexcept { return bits & 0x200; }
};

// The kinds of a generated table.
template <std::size_t Count>
constexpr std::array<Kind, Count> unpack_kinds(std::uint16_t const (&bits)[Count]) {
    std::array<Kind, Count> unpacked{};
    for (std::size_t i = 0; i < Count; ++i) unpacked[i] = Kind{bits[i]};
    return unpacked;
}

inline constexpr std::size_t kKindBlocks = 70;
inline constexpr std::size_t kKindCount = 66;
extern std::array<std::uint8_t, 0x1100> const kind_block_of;
extern std::array<std::uint8_t, kKindBlocks * 256> const kind_numbers;
extern std::array<Kind, kKindCount> const kinds;

// Kinds 0 and 1 (the latter decomposes) are those of most characters: a boundary that NFC does not
// change. Such a character is stable unless something behind it composes with it.
inline constexpr std::uint8_t kLastStableKind = 1;

TOKMILL_INLINE std::uint8_t kind_number(std::uint32_t code_point) noexcept {
    std::size_t const block = kind_block_of[code_point >> 8];
    return kind_numbers[block << 8 | (code_point & 0xFF)];
}

TOKMILL_INLINE Kind kind_of(std::uint32_t code_point) noexcept {
    return kinds[kind_number(code_point)];
}

// Full canonical decomposition of a character that decomposes.
struct Decomposition {
    std::array<std::uint32_t, 4> code_points;
    std::size_t size;
};
Decomposition decompose(std::uint32_t code_point) noexcept;

// The primary composite of a pair; 0 if there is none.
std::uint32_t compose(std::uint32_t first, std::uint32_t second) noexcept;

}  // namespace tokmill::nfc
