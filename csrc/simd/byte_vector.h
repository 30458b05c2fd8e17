// A register of bytes with the few operations that the byte kernels need, one type for each
// instruction set this file is compiled for. All of them have:
//   kSize                    bytes in the register
//   load(p), splat(byte)     and the operators | & ^
//   table16(p)               sixteen bytes, repeated, for `lookup`
//   high_bits()              bit k: bit 7 of byte k
//   equal_bits(other)        bit k: byte k equals
//   nonzero_bits()           bit k: byte k is not zero
// and, with a byte shuffle (kHasLookup):
//   high_nibbles(), low_nibbles()
//   lookup(indices)          this register as a table; an index below 16 gives its entry, one with
//                            bit 7 set gives 0
//   minus_saturated(byte)    each byte minus `byte`, at least 0
// Internal linkage on purpose: see transcode_kernel.h.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace tokmill::simd {
namespace {

#if defined(__x86_64__)

struct Bytes16 {
    static constexpr std::size_t kSize = 16;
    static constexpr bool kHasLookup = false;  // that came with SSSE3, not part of the baseline
    __m128i v;

    static Bytes16 load(std::uint8_t const* p) {
        return {_mm_loadu_si128(reinterpret_cast<__m128i const*>(p))};
    }
    static Bytes16 splat(std::uint8_t byte) { return {_mm_set1_epi8(static_cast<char>(byte))}; }
    Bytes16 operator|(Bytes16 o) const { return {_mm_or_si128(v, o.v)}; }
    Bytes16 operator&(Bytes16 o) const { return {_mm_and_si128(v, o.v)}; }
    Bytes16 operator^(Bytes16 o) const { return {_mm_xor_si128(v, o.v)}; }
    std::uint64_t high_bits() const { return static_cast<std::uint32_t>(_mm_movemask_epi8(v)); }
    std::uint64_t equal_bits(Bytes16 o) const {
        return Bytes16{_mm_cmpeq_epi8(v, o.v)}.high_bits();
    }
};

#if defined(__AVX2__)

struct Bytes32 {
    static constexpr std::size_t kSize = 32;
    static constexpr bool kHasLookup = true;
    __m256i v;

    static Bytes32 load(std::uint8_t const* p) {
        return {_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p))};
    }
    static Bytes32 splat(std::uint8_t byte) { return {_mm256_set1_epi8(static_cast<char>(byte))}; }
    static Bytes32 table16(std::uint8_t const* p) {
        return {_mm256_broadcastsi128_si256(Bytes16::load(p).v)};
    }
    Bytes32 operator|(Bytes32 o) const { return {_mm256_or_si256(v, o.v)}; }
    Bytes32 operator&(Bytes32 o) const { return {_mm256_and_si256(v, o.v)}; }
    Bytes32 operator^(Bytes32 o) const { return {_mm256_xor_si256(v, o.v)}; }
    std::uint64_t high_bits() const { return static_cast<std::uint32_t>(_mm256_movemask_epi8(v)); }
    std::uint64_t equal_bits(Bytes32 o) const {
        return Bytes32{_mm256_cmpeq_epi8(v, o.v)}.high_bits();
    }
    std::uint64_t nonzero_bits() const { return equal_bits(splat(0)) ^ 0xFFFFFFFF; }
    Bytes32 high_nibbles() const { return Bytes32{_mm256_srli_epi16(v, 4)}.low_nibbles(); }
    Bytes32 low_nibbles() const { return *this & splat(0x0F); }
    Bytes32 lookup(Bytes32 indices) const { return {_mm256_shuffle_epi8(v, indices.v)}; }
    Bytes32 minus_saturated(std::uint8_t byte) const {
        return {_mm256_subs_epu8(v, splat(byte).v)};
    }
};

#endif

#if defined(__AVX512BW__)

struct Bytes64 {
    static constexpr std::size_t kSize = 64;
    static constexpr bool kHasLookup = true;
    __m512i v;

    static Bytes64 load(std::uint8_t const* p) { return {_mm512_loadu_si512(p)}; }
    static Bytes64 splat(std::uint8_t byte) { return {_mm512_set1_epi8(static_cast<char>(byte))}; }
    static Bytes64 table16(std::uint8_t const* p) {
        return {_mm512_broadcast_i32x4(Bytes16::load(p).v)};
    }
    Bytes64 operator|(Bytes64 o) const { return {_mm512_or_si512(v, o.v)}; }
    Bytes64 operator&(Bytes64 o) const { return {_mm512_and_si512(v, o.v)}; }
    Bytes64 operator^(Bytes64 o) const { return {_mm512_xor_si512(v, o.v)}; }
    std::uint64_t high_bits() const { return _mm512_movepi8_mask(v); }
    std::uint64_t equal_bits(Bytes64 o) const { return _mm512_cmpeq_epi8_mask(v, o.v); }
    std::uint64_t nonzero_bits() const { return _mm512_test_epi8_mask(v, v); }
    Bytes64 high_nibbles() const { return Bytes64{_mm512_srli_epi16(v, 4)}.low_nibbles(); }
    Bytes64 low_nibbles() const { return *this & splat(0x0F); }
    Bytes64 lookup(Bytes64 indices) const { return {_mm512_shuffle_epi8(v, indices.v)}; }
    Bytes64 minus_saturated(std::uint8_t byte) const {
        return {_mm512_subs_epu8(v, splat(byte).v)};
    }
};

#endif

#elif defined(__aarch64__)

struct Bytes16 {
    static constexpr std::size_t kSize = 16;
    static constexpr bool kHasLookup = true;
    uint8x16_t v;

    static Bytes16 load(std::uint8_t const* p) { return {vld1q_u8(p)}; }
    static Bytes16 splat(std::uint8_t byte) { return {vdupq_n_u8(byte)}; }
    static Bytes16 table16(std::uint8_t const* p) { return load(p); }
    Bytes16 operator|(Bytes16 o) const { return {vorrq_u8(v, o.v)}; }
    Bytes16 operator&(Bytes16 o) const { return {vandq_u8(v, o.v)}; }
    Bytes16 operator^(Bytes16 o) const { return {veorq_u8(v, o.v)}; }
    std::uint64_t high_bits() const { return bits_of(vcltzq_s8(vreinterpretq_s8_u8(v))); }
    std::uint64_t equal_bits(Bytes16 o) const { return bits_of(vceqq_u8(v, o.v)); }
    std::uint64_t nonzero_bits() const { return bits_of(vtstq_u8(v, v)); }
    Bytes16 high_nibbles() const { return {vshrq_n_u8(v, 4)}; }
    Bytes16 low_nibbles() const { return *this & splat(0x0F); }
    Bytes16 lookup(Bytes16 indices) const { return {vqtbl1q_u8(v, indices.v)}; }
    Bytes16 minus_saturated(std::uint8_t byte) const { return {vqsubq_u8(v, vdupq_n_u8(byte))}; }

 private:
    // There is no instruction for it: each byte of all ones keeps the bit of its place, then every
    // half is added up.
    static std::uint64_t bits_of(uint8x16_t mask) {
        static constexpr std::uint8_t place[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                   1, 2, 4, 8, 16, 32, 64, 128};
        uint8x16_t const bits = vandq_u8(mask, vld1q_u8(place));
        return vaddv_u8(vget_low_u8(bits)) | std::uint64_t{vaddv_u8(vget_high_u8(bits))} << 8;
    }
};

#endif

}  // namespace
}  // namespace tokmill::simd
