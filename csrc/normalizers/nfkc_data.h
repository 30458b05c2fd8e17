// Compatibility decomposition as tokenizers 0.23.3 has it, which is of an older Unicode than the
// canonical one (see tools/gen_normalizer_tables.py). Compositions and classes are those of
// nfc_data.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/inline.h"
#include "normalizers/nfc_data.h"

namespace tokmill::nfkc {

inline constexpr std::size_t kKindBlocks = 86;
inline constexpr std::size_t kKindCount = 68;
extern std::array<std::uint8_t, 0x1100> const kind_block_of;
extern std::array<std::uint8_t, kKindBlocks * 256> const kind_numbers;
extern std::array<nfc::Kind, kKindCount> const kinds;

// The first numbers are as nfc::kLastStableKind says.
TOKMILL_INLINE std::uint8_t kind_number(std::uint32_t code_point) noexcept {
    std::size_t const block = kind_block_of[code_point >> 8];
    return kind_numbers[block << 8 | (code_point & 0xFF)];
}

TOKMILL_INLINE nfc::Kind kind_of(std::uint32_t code_point) noexcept {
    return kinds[kind_number(code_point)];
}

// Full compatibility decomposition of a character that decomposes.
struct Decomposition {
    std::array<std::uint32_t, 18> code_points;
    std::size_t size;
};
Decomposition decompose(std::uint32_t code_point) noexcept;

}  // namespace tokmill::nfkc
