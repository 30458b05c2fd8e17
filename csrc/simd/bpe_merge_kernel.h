// Short merges, written once over a function that finds the smallest of a few numbers.
#pragma once

#include <bit>
#include <cstdint>

#include "simd/block64.h"
#include "simd/bpe_merge.h"

namespace tokmill::simd {
namespace {

// The smallest of `count` numbers, a positive multiple of 16, aligned to 64 bytes.
struct ScalarMin {
    static std::uint32_t of(std::uint32_t const* values, std::size_t count) {
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
};

#if defined(__AVX2__)
TOKMILL_INLINE std::uint32_t min_of_lanes(__m256i v) {
    __m128i m = _mm_min_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0x4E));
    m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0xB1));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(m));
}

struct Avx2Min {
    static TOKMILL_INLINE std::uint32_t of(std::uint32_t const* values, std::size_t count) {
        auto const* const v = reinterpret_cast<__m256i const*>(values);
        __m256i smallest = _mm256_min_epu32(_mm256_load_si256(v), _mm256_load_si256(v + 1));
        for (std::size_t i = 2; i < count / 8; i += 2) {
            smallest = _mm256_min_epu32(
                smallest, _mm256_min_epu32(_mm256_load_si256(v + i), _mm256_load_si256(v + i + 1)));
        }
        return min_of_lanes(smallest);
    }
};
#endif

#if defined(__AVX512VBMI2__)
struct Avx512Min {
    static TOKMILL_INLINE std::uint32_t of(std::uint32_t const* values, std::size_t count) {
        __m512i smallest = _mm512_load_si512(values);
        for (std::size_t i = 16; i < count; i += 16) {
            smallest = _mm512_min_epu32(smallest, _mm512_load_si512(values + i));
        }
        return min_of_lanes(_mm256_min_epu32(_mm512_castsi512_si256(smallest),
                                             _mm512_extracti64x4_epi64(smallest, 1)));
    }
};
#endif

template <class Min>
void merge_short(PairTable const& pairs, unsigned char const* text, std::size_t size,
                 ShortMerge& result) {
    constexpr std::uint32_t kNone = 0xFFFFFFFF;
    // candidate[i] = priority of (symbol at i, its right neighbour) << 6 | i, so that the minimum
    // names both the pair of lowest priority and, among equals, the leftmost.
    alignas(64) std::uint32_t candidate[kMaxShortMerge];
    std::uint32_t* const symbol = result.symbols;
    std::size_t const padded = (size + 15) / 16 * 16;
    for (std::size_t i = 0; i < size; ++i) symbol[i] = text[i];
    for (std::size_t i = 0; i + 1 < size; ++i) {
        std::uint32_t const priority = pairs.find_bytes(text[i], text[i + 1]);
        candidate[i] = priority == kNoMerge ? kNone : priority << 6 | static_cast<std::uint32_t>(i);
    }
    for (std::size_t i = size - 1; i < padded; ++i) candidate[i] = kNone;

    auto const pair_at = [&](unsigned left, unsigned right) {
        std::uint32_t const priority = pairs.find(symbol[left], symbol[right]);
        return priority == kNoMerge ? kNone : priority << 6 | left;
    };
    std::uint64_t starts = size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
    result.last_priority = kNoMerge;
    for (;;) {
        std::uint32_t const best = Min::of(candidate, padded);
        if (best == kNone) break;
        unsigned const i = best & 63;
        std::uint64_t behind = starts & (~std::uint64_t{1} << i);
        unsigned const j = static_cast<unsigned>(std::countr_zero(behind));
        result.last_priority = best >> 6;
        symbol[i] = pairs.symbol(best >> 6);
        candidate[j] = kNone;
        starts &= ~(std::uint64_t{1} << j);
        behind &= behind - 1;
        candidate[i] =
            behind == 0 ? kNone : pair_at(i, static_cast<unsigned>(std::countr_zero(behind)));
        std::uint64_t const before = starts & ((std::uint64_t{1} << i) - 1);
        if (before != 0) {
            unsigned const h = 63u - static_cast<unsigned>(std::countl_zero(before));
            candidate[h] = pair_at(h, i);
        }
    }
    result.starts = starts;
}

}  // namespace
}  // namespace tokmill::simd
