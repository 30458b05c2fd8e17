// How far a text is ASCII.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simd/block64.h"

namespace tokmill::stages {

inline std::size_t ascii_prefix(std::string_view text) noexcept {
#if defined(__SSE2__)
    using Block = simd::Sse2Block;
#elif defined(__aarch64__)
    using Block = simd::NeonBlock;
#else
    using Block = simd::ScalarBlock;
#endif
    auto const* const p = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t i = 0;
    for (; i + 64 <= text.size(); i += 64) {
        std::uint64_t const others = Block::load(p + i).non_ascii();
        if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others));
    }
    while (i < text.size() && p[i] < 0x80) ++i;
    return i;
}

}  // namespace tokmill::stages
