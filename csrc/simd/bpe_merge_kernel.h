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
    ScalarCandidates() = default;
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
    Avx2Candidates() = default;
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
    Avx512Candidates() = default;
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

// A symbol that no pair has.
inline constexpr std::uint32_t kNoSymbol = kMaxSymbols - 1;

// One word while it is merged.
template <class Candidates>
class MergeLane {
 public:
    // 16 bytes can be read.
    TOKMILL_INLINE void start(PairTable const& pairs, unsigned char const* text, std::size_t size) {
        alignas(64) std::uint32_t first[kMaxShortMerge];
        for (std::size_t i = 0; i < kMaxShortMerge; ++i) {
            symbol_[i + 1] = text[i];
            unsigned char const right = text[std::min(i + 1, kMaxShortMerge - 1)];
            std::uint32_t const priority = pairs.find_bytes(text[i], right);
            first[i] = i + 1 < size ? candidate(priority, i) : kNoCandidate;
        }
        start_with(first, size);
    }
    TOKMILL_INLINE void start(PairTable const& pairs, std::uint32_t const* symbols,
                              std::size_t size) {
        alignas(64) std::uint32_t first[kMaxShortMerge];
        std::fill(symbol_, symbol_ + kMaxShortMerge + 2, 0u);
        std::fill(first, first + kMaxShortMerge, kNoCandidate);
        symbol_[1] = symbols[0];
        for (std::size_t i = 1; i < size; ++i) {
            symbol_[i + 1] = symbols[i];
            first[i - 1] = candidate(pairs.find(symbols[i - 1], symbols[i]), i - 1);
        }
        start_with(first, size);
    }
    // kNoCandidate or more if there is nothing left to merge.
    TOKMILL_INLINE std::uint32_t smallest() const { return candidates_.smallest(); }
    TOKMILL_INLINE void merge(PairTable const& pairs, std::uint32_t best) {
        unsigned const left = (best & 15) + 1;
        std::uint32_t const priority = best >> 4;
        std::uint32_t const behind = starts_ & ~((2u << left) - 1);
        std::uint32_t const behind_right = behind & (behind - 1);
        auto const right = static_cast<unsigned>(std::countr_zero(behind));
        auto const next = static_cast<unsigned>(std::countr_zero(behind_right));
        auto const previous =
            31u - static_cast<unsigned>(std::countl_zero(starts_ & ((1u << left) - 1)));
        starts_ ^= 1u << right;
        std::uint32_t const merged = pairs.symbol(priority);
        symbol_[left] = merged;
        last_priority_ = priority;
        std::uint32_t const with_previous = pairs.find(symbol_[previous], merged);
        std::uint32_t const with_next = pairs.find(merged, symbol_[next]);
        candidates_.set(right - 1, kNoCandidate);
        candidates_.set(left - 1, candidate(with_next, left - 1));
        // Without a previous symbol this writes "none" into the last place, which has no neighbour.
        candidates_.set((previous - 1) & 15, candidate(with_previous, (previous - 1) & 15));
    }
    TOKMILL_INLINE void merge_all(PairTable const& pairs) {
        for (std::uint32_t best; (best = smallest()) < kNoCandidate;) merge(pairs, best);
    }
    TOKMILL_INLINE void finish(ShortMerge& result) const {
        std::memcpy(result.symbols, symbol_ + 1, sizeof result.symbols);
        result.starts = starts_ >> 1 & ((1u << size_) - 1);
        result.last_priority = last_priority_;
    }

 private:
    TOKMILL_INLINE void start_with(std::uint32_t const* first, std::size_t size) {
        candidates_ = Candidates(first);
        size_ = size;
        starts_ = (2u << (size + 1)) - 1;
        last_priority_ = kNoMerge;
        symbol_[0] = symbol_[size + 1] = kNoSymbol;
    }

    Candidates candidates_;
    std::uint32_t starts_;  // by place
    std::uint32_t last_priority_;
    std::size_t size_;
    // Place i + 1 is the symbol at i. On both sides, in place 0 and in place size + 1, stands one
    // that no pair has.
    std::uint32_t symbol_[kMaxShortMerge + 2];
};

template <class Candidates>
void merge_short(PairTable const& pairs, unsigned char const* text, std::size_t size,
                 ShortMerge& result) {
    MergeLane<Candidates> lane;
    lane.start(pairs, text, size);
    lane.merge_all(pairs);
    lane.finish(result);
}

// Two at a time: each merge waits for what the one before it in the same word made.
template <class Candidates>
void merge_words(PairTable const& pairs, ShortWord const* words, std::size_t count,
                 ShortMerge* results) {
    MergeLane<Candidates> a, b;
    std::size_t next = 0, at_a = 0, at_b = 0;
    auto const start = [&](MergeLane<Candidates>& lane, std::size_t& at) {
        if (next == count) return false;
        at = next++;
        lane.start(pairs, words[at].text, words[at].size);
        return true;
    };
    auto const finish = [&](MergeLane<Candidates>& lane, std::size_t at) {
        lane.merge_all(pairs);
        lane.finish(results[at]);
    };
    if (!start(a, at_a)) return;
    if (!start(b, at_b)) return finish(a, at_a);
    for (;;) {
        std::uint32_t const best_a = a.smallest(), best_b = b.smallest();
        if (best_a >= kNoCandidate) {
            a.finish(results[at_a]);
            if (!start(a, at_a)) return finish(b, at_b);
        } else if (best_b >= kNoCandidate) {
            b.finish(results[at_b]);
            if (!start(b, at_b)) return finish(a, at_a);
        } else {
            a.merge(pairs, best_a);
            b.merge(pairs, best_b);
        }
    }
}

template <class Candidates>
void merge_symbols(PairTable const& pairs, std::uint32_t const* symbols, std::size_t size,
                   ShortMerge& result) {
    MergeLane<Candidates> lane;
    lane.start(pairs, symbols, size);
    lane.merge_all(pairs);
    lane.finish(result);
}

}  // namespace
}  // namespace tokmill::simd
