// Short merges, written once over a set of sixteen candidates that gives its smallest. What costs
// time here are wrongly predicted branches, so there is one per merge, which asks whether it was
// the last.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "simd/block64.h"
#include "simd/bpe_merge.h"

namespace tokmill::simd {
namespace {

static_assert(kMaxShortMerge == 16);

// A candidate is the priority of (symbol at i, its right neighbour) << 4 | i, so that the smallest
// names both the pair of lowest priority and, among equals, the leftmost.
TOKMILL_INLINE std::uint32_t candidate(std::uint32_t priority, std::size_t i) {
    return priority << 4 | static_cast<std::uint32_t>(i);
}
// What candidate() makes of kNoMerge, and more.
inline constexpr std::uint32_t kNoCandidate = 0xFFFFFFF0;

class ScalarCandidates {
 public:
    explicit ScalarCandidates(std::uint32_t const* values) {
        std::memcpy(values_, values, sizeof values_);
    }
    void set(std::size_t i, std::uint32_t value) { values_[i] = value; }
    std::uint32_t smallest() const {
        std::uint32_t const* const v = values_;
        auto const min = [](std::uint32_t a, std::uint32_t b) { return a < b ? a : b; };
        std::uint32_t const a = min(min(v[0], v[8]), min(v[1], v[9]));
        std::uint32_t const b = min(min(v[2], v[10]), min(v[3], v[11]));
        std::uint32_t const c = min(min(v[4], v[12]), min(v[5], v[13]));
        std::uint32_t const d = min(min(v[6], v[14]), min(v[7], v[15]));
        return min(min(a, b), min(c, d));
    }

 private:
    std::uint32_t values_[16];
};

#if defined(__AVX2__)
TOKMILL_INLINE std::uint32_t smallest_lane(__m256i v) {
    __m128i m = _mm_min_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0x4E));
    m = _mm_min_epu32(m, _mm_shuffle_epi32(m, 0xB1));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(m));
}

// The vectors keep the candidates in registers: reading a vector from memory just after one of its
// lanes was written there stalls.
class Avx2Candidates {
 public:
    explicit Avx2Candidates(std::uint32_t const* values)
        : low_(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(values))),
          high_(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(values + 8))) {}
    TOKMILL_INLINE void set(std::size_t i, std::uint32_t value) {
        __m256i const lane = _mm256_set1_epi32(static_cast<int>(i));
        __m256i const wanted = _mm256_set1_epi32(static_cast<int>(value));
        __m256i const lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        low_ = _mm256_blendv_epi8(low_, wanted, _mm256_cmpeq_epi32(lanes, lane));
        high_ = _mm256_blendv_epi8(
            high_, wanted, _mm256_cmpeq_epi32(_mm256_add_epi32(lanes, _mm256_set1_epi32(8)), lane));
    }
    TOKMILL_INLINE std::uint32_t smallest() const {
        return smallest_lane(_mm256_min_epu32(low_, high_));
    }

 private:
    __m256i low_, high_;
};
#endif

#if defined(__AVX512VBMI2__)
class Avx512Candidates {
 public:
    explicit Avx512Candidates(std::uint32_t const* values) : values_(_mm512_loadu_si512(values)) {}
    TOKMILL_INLINE void set(std::size_t i, std::uint32_t value) {
        values_ = _mm512_mask_set1_epi32(values_, static_cast<__mmask16>(1u << i),
                                         static_cast<int>(value));
    }
    TOKMILL_INLINE std::uint32_t smallest() const {
        return smallest_lane(_mm256_min_epu32(_mm512_castsi512_si256(values_),
                                              _mm512_extracti64x4_epi64(values_, 1)));
    }

 private:
    __m512i values_;
};
#endif

// Place i + 1 of `symbol` is the symbol at i. On both sides, in place 0 and in place size + 1,
// stands one that no pair has.
inline constexpr std::uint32_t kNoSymbol = kMaxSymbols - 1;

// Merges from the first candidates on.
template <class Candidates>
TOKMILL_INLINE void merge_candidates(PairTable const& pairs, std::uint32_t const* first,
                                     std::uint32_t* symbol, std::size_t size, ShortMerge& result) {
    Candidates candidates(first);
    std::uint32_t starts = (2u << (size + 1)) - 1;  // by place
    result.last_priority = kNoMerge;
    for (;;) {
        std::uint32_t const best = candidates.smallest();
        if (best >= kNoCandidate) break;
        unsigned const left = (best & 15) + 1;
        std::uint32_t const priority = best >> 4;
        std::uint32_t const behind = starts & ~((2u << left) - 1);
        std::uint32_t const behind_right = behind & (behind - 1);
        auto const right = static_cast<unsigned>(std::countr_zero(behind));
        auto const next = static_cast<unsigned>(std::countr_zero(behind_right));
        auto const previous =
            31u - static_cast<unsigned>(std::countl_zero(starts & ((1u << left) - 1)));
        starts ^= 1u << right;
        std::uint32_t const merged = pairs.symbol(priority);
        symbol[left] = merged;
        result.last_priority = priority;
        std::uint32_t const with_previous = pairs.find(symbol[previous], merged);
        std::uint32_t const with_next = pairs.find(merged, symbol[next]);
        candidates.set(right - 1, kNoCandidate);
        candidates.set(left - 1, candidate(with_next, left - 1));
        // Without a previous symbol this writes "none" into the last place, which has no neighbour.
        candidates.set((previous - 1) & 15, candidate(with_previous, (previous - 1) & 15));
    }
    std::memcpy(result.symbols, symbol + 1, sizeof result.symbols);
    result.starts = starts >> 1 & ((1u << size) - 1);
}

template <class Candidates>
void merge_short(PairTable const& pairs, unsigned char const* text, std::size_t size,
                 ShortMerge& result) {
    alignas(64) std::uint32_t first[kMaxShortMerge];
    std::uint32_t symbol[kMaxShortMerge + 2];
    symbol[0] = kNoSymbol;
    for (std::size_t i = 0; i < kMaxShortMerge; ++i) {
        symbol[i + 1] = text[i];
        unsigned char const right = text[std::min(i + 1, kMaxShortMerge - 1)];
        std::uint32_t const priority = pairs.find_bytes(text[i], right);
        first[i] = i + 1 < size ? candidate(priority, i) : kNoCandidate;
    }
    symbol[size + 1] = kNoSymbol;
    merge_candidates<Candidates>(pairs, first, symbol, size, result);
}

template <class Candidates>
void merge_symbols(PairTable const& pairs, std::uint32_t const* symbols, std::size_t size,
                   ShortMerge& result) {
    alignas(64) std::uint32_t first[kMaxShortMerge];
    std::uint32_t symbol[kMaxShortMerge + 2] = {};
    symbol[0] = kNoSymbol;
    std::fill(first, first + kMaxShortMerge, kNoCandidate);
    symbol[1] = symbols[0];
    for (std::size_t i = 1; i < size; ++i) {
        symbol[i + 1] = symbols[i];
        first[i - 1] = candidate(pairs.find(symbols[i - 1], symbols[i]), i - 1);
    }
    symbol[size + 1] = kNoSymbol;
    merge_candidates<Candidates>(pairs, first, symbol, size, result);
}

}  // namespace
}  // namespace tokmill::simd
