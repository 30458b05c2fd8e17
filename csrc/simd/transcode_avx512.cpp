// Transcoding to UTF-8 with AVX-512 (VBMI2). A block of code units becomes lanes that hold the
// UTF-8 of one unit each, right-aligned; the bytes in use are then compressed to the front. The
// register form of the compression is used: the one that stores is microcoded on some processors.
#include <cstdint>

#include "simd/transcode_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tokmill::simd {

namespace {

// kLast has the bit of the last byte of every lane, which is always in use; the bytes before it are
// in use exactly if they are not zero.
template <std::uint64_t kLast>
inline char* store_used_bytes(__m512i lanes, char* out) {
    __mmask64 const used = _mm512_test_epi8_mask(lanes, lanes) | kLast;
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(used, lanes));
    return out + _mm_popcnt_u64(used);
}

inline __m512i ternary_or(__m512i a, __m512i b, __m512i c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0xFE);
}

struct Avx512Transcode {
    template <class Unit>
    static constexpr std::size_t kBlock = 64 / sizeof(Unit);

    static bool copy_ascii(std::uint8_t const* in, char* out) {
        __m512i const v = _mm512_loadu_si512(in);
        if (_mm512_movepi8_mask(v) != 0) return false;
        _mm512_storeu_si512(out, v);
        return true;
    }
    static bool copy_ascii(std::uint16_t const* in, char* out) {
        __m512i const v = _mm512_loadu_si512(in);
        if (_mm512_test_epi16_mask(v, _mm512_set1_epi16(~0x7F)) != 0) return false;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_cvtepi16_epi8(v));
        return true;
    }
    static bool copy_ascii(std::uint32_t const* in, char* out) {
        __m512i const v = _mm512_loadu_si512(in);
        if (_mm512_test_epi32_mask(v, _mm512_set1_epi32(~0x7F)) != 0) return false;
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(v));
        return true;
    }

    static bool convert(std::uint8_t const* in, char*& out) {
        out = put_latin1(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(in)), out);
        out = put_latin1(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(in + 32)), out);
        return true;
    }
    static bool convert(std::uint16_t const* in, char*& out) {
        __m512i const v = _mm512_loadu_si512(in);
        __m512i const high_bits =
            _mm512_and_si512(v, _mm512_set1_epi16(static_cast<short>(0xF800)));
        if (_mm512_cmpeq_epi16_mask(high_bits, _mm512_set1_epi16(static_cast<short>(0xD800))) != 0)
            return false;
        out = put_ucs2(_mm512_castsi512_si256(v), out);
        out = put_ucs2(_mm512_extracti64x4_epi64(v, 1), out);
        return true;
    }
    static bool convert(std::uint32_t const* in, char*& out) {
        __m512i const c = _mm512_loadu_si512(in);
        __m512i const from_surrogates = _mm512_sub_epi32(c, _mm512_set1_epi32(0xD800));
        if ((_mm512_cmplt_epu32_mask(from_surrogates, _mm512_set1_epi32(0x800)) |
             _mm512_cmpgt_epu32_mask(c, _mm512_set1_epi32(0x10FFFF))) != 0)
            return false;
        out = put_ucs4(c, out);
        return true;
    }

 private:
    // 32 units of one byte, in lanes of two bytes.
    static char* put_latin1(__m256i units, char* out) {
        __m512i const c = _mm512_cvtepu8_epi16(units);
        __mmask32 const two = _mm512_test_epi16_mask(c, _mm512_set1_epi16(0x80));
        // Bits 7 and 6 of the unit go to the first byte; the second keeps bit 7, which marks it.
        __m512i const lead = _mm512_maskz_mov_epi16(
            two, _mm512_or_si512(_mm512_srli_epi16(c, 6), _mm512_set1_epi16(0xC0)));
        __m512i const bit6 = _mm512_maskz_mov_epi16(two, _mm512_set1_epi16(0x40));
        __m512i const last = _mm512_slli_epi16(_mm512_andnot_si512(bit6, c), 8);
        __m512i const lanes = _mm512_or_si512(lead, last);
        return store_used_bytes<0xAAAAAAAAAAAAAAAA>(lanes, out);
    }

    // 16 units of two bytes, in lanes of four bytes of which three are used.
    static char* put_ucs2(__m256i units, char* out) {
        __m512i const c = _mm512_cvtepu16_epi32(units);
        __mmask16 const two = _mm512_cmpge_epu32_mask(c, _mm512_set1_epi32(0x80));
        __mmask16 const three = _mm512_cmpge_epu32_mask(c, _mm512_set1_epi32(0x800));
        return store_used_bytes<0x4444444444444444>(lanes3(c, two, three), out);
    }

    static char* put_ucs4(__m512i c, char* out) {
        __mmask16 const two = _mm512_cmpge_epu32_mask(c, _mm512_set1_epi32(0x80));
        __mmask16 const three = _mm512_cmpge_epu32_mask(c, _mm512_set1_epi32(0x800));
        __mmask16 const four = _mm512_cmpge_epu32_mask(c, _mm512_set1_epi32(0x10000));
        if (four == 0) return store_used_bytes<0x4444444444444444>(lanes3(c, two, three), out);
        // Shift the three bytes up and put the fourth in front; where there is a fourth byte, the
        // one behind it is a continuation with bits 17..12 instead of a lead.
        __m512i const short_forms = _mm512_slli_epi32(lanes3(c, two, three), 8);
        __m512i const lead = _mm512_or_si512(_mm512_srli_epi32(c, 18), _mm512_set1_epi32(0xF0));
        __m512i const second =
            _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi32(c, 4), _mm512_set1_epi32(0x3F00)),
                            _mm512_set1_epi32(0x8000));
        __m512i const rest =
            _mm512_and_si512(short_forms, _mm512_set1_epi32(static_cast<int>(0xFFFF0000)));
        __m512i const lanes =
            _mm512_mask_mov_epi32(short_forms, four, ternary_or(lead, second, rest));
        return store_used_bytes<0x8888888888888888>(lanes, out);
    }

    // Bytes 0..2 of each lane: the UTF-8 of a unit below 0x10000, right-aligned, zeros before it.
    static __m512i lanes3(__m512i c, __mmask16 two, __mmask16 three) {
        __m512i const tail_mark = _mm512_set1_epi32(0x80);
        __m512i const tail_bits = _mm512_set1_epi32(0x3F);
        __m512i const last =
            _mm512_mask_or_epi32(c, two, _mm512_and_si512(c, tail_bits), tail_mark);
        __m512i const above = _mm512_srli_epi32(c, 6);
        __m512i const lead2 = _mm512_or_si512(above, _mm512_set1_epi32(0xC0));
        __m512i const middle = _mm512_mask_or_epi32(_mm512_maskz_mov_epi32(two, lead2), three,
                                                    _mm512_and_si512(above, tail_bits), tail_mark);
        // The four bits are cut out for put_ucs4, which has more above them.
        __m512i const first = _mm512_or_si512(
            _mm512_maskz_and_epi32(three, _mm512_srli_epi32(c, 12), _mm512_set1_epi32(0xF)),
            _mm512_maskz_mov_epi32(three, _mm512_set1_epi32(0xE0)));
        return ternary_or(first, _mm512_slli_epi32(middle, 8), _mm512_slli_epi32(last, 16));
    }
};

}  // namespace

TranscodeKernels const kTranscodeAvx512 = kTranscodeKernels<Avx512Transcode>;

}  // namespace tokmill::simd

#endif
