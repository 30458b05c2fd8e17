// The generated tables of decompositions: sorted by code point, they lie one behind the other in a
// pool of characters.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tokmill {

struct DecompositionLength {
    std::uint32_t code_point;
    std::uint8_t length;
};

// Where each decomposition begins in the pool.
template <std::size_t Count>
constexpr std::array<std::uint16_t, Count> decomposition_starts(
    DecompositionLength const (&decompositions)[Count]) {
    std::array<std::uint16_t, Count> starts{};
    std::size_t next = 0;
    for (std::size_t i = 0; i < Count; ++i) {
        starts[i] = static_cast<std::uint16_t>(next);
        next += decompositions[i].length;
    }
    return starts;
}

// Of a character that is listed.
template <class Decomposition, std::size_t Count>
Decomposition find_decomposition(std::uint32_t code_point,
                                 DecompositionLength const (&decompositions)[Count],
                                 std::array<std::uint16_t, Count> const& starts,
                                 char32_t const* pool) noexcept {
    auto const* const found =
        std::ranges::lower_bound(decompositions, code_point, {}, &DecompositionLength::code_point);
    Decomposition result;
    result.size = found->length;
    std::size_t const start = starts[static_cast<std::size_t>(found - decompositions)];
    std::copy_n(pool + start, result.size, result.code_points.begin());
    return result;
}

}  // namespace tokmill
