// 64 bytes of text and the questions that the scanners ask about them, each answered as a 64-bit
// mask (bit i = byte i). One type an instruction set, the same interface:
//   load(p)            reads 64 bytes at p
//   equal(b)           bytes equal to b
//   in_range(lo, n)    bytes in [lo, lo + n)
//   non_ascii()        bytes >= 0x80
//   write_positions(mask, base, out)
//                      stores base + i for every set bit i, in order; may write up to 64 values
// Every kernel file includes this header under its own compiler flags; everything here lives in an
// unnamed namespace or is forced inline so that the sets never share code.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "core/inline.h"

namespace tokmill::simd {
namespace {

// Shared by the sets without a compress instruction: eight stores at a time, unconditionally, so
// that the number of set bits costs one badly predicted branch only beyond each eighth.
TOKMILL_INLINE void write_positions_by_bit(std::uint64_t mask, std::uint32_t base,
                                           std::uint32_t* out) {
    int left = std::popcount(mask);
    do {
        for (int i = 0; i < 8; ++i) {
            out[i] = base + static_cast<std::uint32_t>(std::countr_zero(mask));
            mask &= mask - 1;
        }
        out += 8;
        left -= 8;
    } while (left > 0);
}

struct ScalarBlock {
    unsigned char bytes[64];

    static ScalarBlock load(unsigned char const* p) {
        ScalarBlock block;
        std::memcpy(block.bytes, p, 64);
        return block;
    }
    template <class Predicate>
    std::uint64_t where(Predicate predicate) const {
        std::uint64_t mask = 0;
        for (int i = 0; i < 64; ++i) mask |= std::uint64_t{predicate(bytes[i])} << i;
        return mask;
    }
    std::uint64_t equal(unsigned char b) const {
        return where([=](unsigned char c) { return c == b; });
    }
    std::uint64_t in_range(unsigned char lo, unsigned char n) const {
        return where([=](unsigned char c) { return static_cast<unsigned char>(c - lo) < n; });
    }
    std::uint64_t non_ascii() const {
        return where([](unsigned char c) { return c >= 0x80; });
    }
    static void write_positions(std::uint64_t mask, std::uint32_t base, std::uint32_t* out) {
        write_positions_by_bit(mask, base, out);
    }
};

#if defined(__SSE2__)
struct Sse2Block {
    __m128i v[4];

    static TOKMILL_INLINE Sse2Block load(unsigned char const* p) {
        Sse2Block block;
        for (int i = 0; i < 4; ++i) {
            block.v[i] = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p + 16 * i));
        }
        return block;
    }
    template <class Compare>
    TOKMILL_INLINE std::uint64_t where(Compare compare) const {
        std::uint64_t mask = 0;
        for (int i = 0; i < 4; ++i) {
            mask |= static_cast<std::uint64_t>(
                        static_cast<std::uint32_t>(_mm_movemask_epi8(compare(v[i]))))
                    << (16 * i);
        }
        return mask;
    }
    TOKMILL_INLINE std::uint64_t equal(unsigned char b) const {
        __m128i const needle = _mm_set1_epi8(static_cast<char>(b));
        return where([=](__m128i x) { return _mm_cmpeq_epi8(x, needle); });
    }
    TOKMILL_INLINE std::uint64_t in_range(unsigned char lo, unsigned char n) const {
        __m128i const low = _mm_set1_epi8(static_cast<char>(lo));
        __m128i const top = _mm_set1_epi8(static_cast<char>(n - 1));
        return where([=](__m128i x) {
            __m128i const d = _mm_sub_epi8(x, low);
            return _mm_cmpeq_epi8(_mm_min_epu8(d, top), d);
        });
    }
    TOKMILL_INLINE std::uint64_t non_ascii() const {
        return where([](__m128i x) { return x; });
    }
    static TOKMILL_INLINE void write_positions(std::uint64_t mask, std::uint32_t base,
                                               std::uint32_t* out) {
        write_positions_by_bit(mask, base, out);
    }
};
#endif

#if defined(__AVX2__)
struct Avx2Block {
    __m256i v[2];

    static TOKMILL_INLINE Avx2Block load(unsigned char const* p) {
        return {{_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)),
                 _mm256_loadu_si256(reinterpret_cast<__m256i const*>(p + 32))}};
    }
    template <class Compare>
    TOKMILL_INLINE std::uint64_t where(Compare compare) const {
        auto const low = static_cast<std::uint32_t>(_mm256_movemask_epi8(compare(v[0])));
        auto const high = static_cast<std::uint32_t>(_mm256_movemask_epi8(compare(v[1])));
        return low | static_cast<std::uint64_t>(high) << 32;
    }
    TOKMILL_INLINE std::uint64_t equal(unsigned char b) const {
        __m256i const needle = _mm256_set1_epi8(static_cast<char>(b));
        return where([=](__m256i x) { return _mm256_cmpeq_epi8(x, needle); });
    }
    TOKMILL_INLINE std::uint64_t in_range(unsigned char lo, unsigned char n) const {
        __m256i const low = _mm256_set1_epi8(static_cast<char>(lo));
        __m256i const top = _mm256_set1_epi8(static_cast<char>(n - 1));
        return where([=](__m256i x) {
            __m256i const d = _mm256_sub_epi8(x, low);
            return _mm256_cmpeq_epi8(_mm256_min_epu8(d, top), d);
        });
    }
    TOKMILL_INLINE std::uint64_t non_ascii() const {
        return where([](__m256i x) { return x; });
    }
    static TOKMILL_INLINE void write_positions(std::uint64_t mask, std::uint32_t base,
                                               std::uint32_t* out) {
        write_positions_by_bit(mask, base, out);
    }
};
#endif

#if defined(__AVX512VBMI2__)
struct Avx512Block {
    __m512i v;

    static TOKMILL_INLINE Avx512Block load(unsigned char const* p) {
        return {_mm512_loadu_si512(p)};
    }
    TOKMILL_INLINE std::uint64_t equal(unsigned char b) const {
        return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(static_cast<char>(b)));
    }
    TOKMILL_INLINE std::uint64_t in_range(unsigned char lo, unsigned char n) const {
        __m512i const d = _mm512_sub_epi8(v, _mm512_set1_epi8(static_cast<char>(lo)));
        return _mm512_cmplt_epu8_mask(d, _mm512_set1_epi8(static_cast<char>(n)));
    }
    TOKMILL_INLINE std::uint64_t non_ascii() const { return _mm512_movepi8_mask(v); }
    static TOKMILL_INLINE void write_positions(std::uint64_t mask, std::uint32_t base,
                                               std::uint32_t* out) {
        alignas(64) static constexpr auto kIota = [] {
            struct {
                unsigned char at[64];
            } iota{};
            for (int i = 0; i < 64; ++i) iota.at[i] = static_cast<unsigned char>(i);
            return iota;
        }();
        __m512i const packed = _mm512_maskz_compress_epi8(mask, _mm512_load_si512(kIota.at));
        __m512i const first = _mm512_set1_epi32(static_cast<int>(base));
        int const count = std::popcount(mask);
        _mm512_storeu_si512(
            out, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed)), first));
        if (count <= 16) return;
        _mm512_storeu_si512(
            out + 16,
            _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1)), first));
        if (count <= 32) return;
        _mm512_storeu_si512(
            out + 32,
            _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2)), first));
        _mm512_storeu_si512(
            out + 48,
            _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3)), first));
    }
};
#endif

#if defined(__aarch64__)
struct NeonBlock {
    uint8x16_t v[4];

    static TOKMILL_INLINE NeonBlock load(unsigned char const* p) {
        return {{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}};
    }
    // NEON has no movemask: keep one bit a byte and add neighbours until 64 bytes are 8.
    template <class Compare>
    TOKMILL_INLINE std::uint64_t where(Compare compare) const {
        uint8x16_t const bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
        uint8x16_t const a = vpaddq_u8(vandq_u8(compare(v[0]), bit), vandq_u8(compare(v[1]), bit));
        uint8x16_t const b = vpaddq_u8(vandq_u8(compare(v[2]), bit), vandq_u8(compare(v[3]), bit));
        uint8x16_t const sum = vpaddq_u8(a, b);
        return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
    }
    TOKMILL_INLINE std::uint64_t equal(unsigned char b) const {
        uint8x16_t const needle = vdupq_n_u8(b);
        return where([=](uint8x16_t x) { return vceqq_u8(x, needle); });
    }
    TOKMILL_INLINE std::uint64_t in_range(unsigned char lo, unsigned char n) const {
        uint8x16_t const low = vdupq_n_u8(lo);
        uint8x16_t const count = vdupq_n_u8(n);
        return where([=](uint8x16_t x) { return vcltq_u8(vsubq_u8(x, low), count); });
    }
    TOKMILL_INLINE std::uint64_t non_ascii() const {
        uint8x16_t const top = vdupq_n_u8(0x80);
        return where([=](uint8x16_t x) { return vcgeq_u8(x, top); });
    }
    static TOKMILL_INLINE void write_positions(std::uint64_t mask, std::uint32_t base,
                                               std::uint32_t* out) {
        write_positions_by_bit(mask, base, out);
    }
};
#endif

// What every processor of the target has.
#if defined(__SSE2__)
using BaselineBlock = Sse2Block;
#elif defined(__aarch64__)
using BaselineBlock = NeonBlock;
#else
using BaselineBlock = ScalarBlock;
#endif

}  // namespace
}  // namespace tokmill::simd
