// How far a text is ASCII, or printable ASCII.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/block64.h"

namespace tokmill::stages {

inline std::size_t ascii_prefix(std::string_view text) noexcept {
    auto const* const p = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t i = 0;
    for (; i + 64 <= text.size(); i += 64) {
        std::uint64_t const others = simd::BaselineBlock::load(p + i).non_ascii();
        if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others));
    }
    while (i < text.size() && p[i] < 0x80) ++i;
    return i;
}

constexpr bool is_printable_ascii(unsigned char byte) noexcept {
    return byte >= 0x20 && byte < 0x7F;
}

inline std::size_t printable_ascii_prefix(std::string_view text) noexcept {
    auto const* const p = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t i = 0;
    for (; i + 64 <= text.size(); i += 64) {
        std::uint64_t const others = ~simd::BaselineBlock::load(p + i).in_range(0x20, 0x7F - 0x20);
        if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others));
    }
    while (i < text.size() && is_printable_ascii(p[i])) ++i;
    return i;
}

}  // namespace tokmill::stages
