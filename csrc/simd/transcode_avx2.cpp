// Transcoding to UTF-8 with AVX2. As with AVX-512, each unit becomes a lane with its UTF-8
// right-aligned; the bytes in use are moved together 16 bytes at a time by a shuffle from a table.
#include <array>
#include <cstdint>

#include "simd/transcode_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace tokmill::simd {

namespace {

struct alignas(16) Shuffle {
    std::uint8_t from[16];
};

// For four lanes of four bytes, of which the first three may hold UTF-8: bit k of the index says
// that lane k has more than one byte, bit 4 + k that it has three.
constexpr std::array<Shuffle, 256> kPackLanes4 = [] {
    std::array<Shuffle, 256> table{};
    for (unsigned index = 0; index < 256; ++index) {
        unsigned used = 0;
        for (unsigned lane = 0; lane < 4; ++lane) {
            unsigned const length = 1 + (index >> lane & 1) + (index >> (4 + lane) & 1);
            for (unsigned k = 3 - length; k < 3; ++k) {
                table[index].from[used++] = static_cast<std::uint8_t>(4 * lane + k);
            }
        }
        while (used < 16) table[index].from[used++] = 0x80;
    }
    return table;
}();

// For eight lanes of two bytes: bit k of the index says that lane k uses both.
constexpr std::array<Shuffle, 256> kPackLanes2 = [] {
    std::array<Shuffle, 256> table{};
    for (unsigned index = 0; index < 256; ++index) {
        unsigned used = 0;
        for (unsigned lane = 0; lane < 8; ++lane) {
            if (index >> lane & 1) table[index].from[used++] = static_cast<std::uint8_t>(2 * lane);
            table[index].from[used++] = static_cast<std::uint8_t>(2 * lane + 1);
        }
        while (used < 16) table[index].from[used++] = 0x80;
    }
    return table;
}();

inline __m256i load(void const* in) {
    return _mm256_loadu_si256(static_cast<__m256i const*>(in));
}

inline char* store_packed(__m128i lanes, Shuffle const& shuffle, int length, char* out) {
    __m128i const control = _mm_load_si128(reinterpret_cast<__m128i const*>(shuffle.from));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(lanes, control));
    return out + length;
}

struct Avx2Transcode {
    template <class Unit>
    static constexpr std::size_t kBlock = sizeof(Unit) == 4 ? 16 : 32;

    static bool copy_ascii(std::uint8_t const* in, char* out) {
        __m256i const v = load(in);
        if (_mm256_movemask_epi8(v) != 0) return false;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), v);
        return true;
    }
    static bool copy_ascii(std::uint16_t const* in, char* out) {
        __m256i const low = load(in);
        __m256i const high = load(in + 16);
        if (!_mm256_testz_si256(_mm256_or_si256(low, high), _mm256_set1_epi16(~0x7F))) return false;
        // The pack works within 128-bit halves; put the quarters in order.
        __m256i const packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0b11011000);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
        return true;
    }
    static bool copy_ascii(std::uint32_t const* in, char* out) {
        __m256i const low = load(in);
        __m256i const high = load(in + 8);
        if (!_mm256_testz_si256(_mm256_or_si256(low, high), _mm256_set1_epi32(~0x7F))) return false;
        __m256i const words = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), 0b11011000);
        __m128i const packed =
            _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), packed);
        return true;
    }

    static bool convert(std::uint8_t const* in, char*& out) {
        for (int half = 0; half < 2; ++half) {
            out =
                put_latin1(_mm_loadu_si128(reinterpret_cast<__m128i const*>(in + 16 * half)), out);
        }
        return true;
    }
    static bool convert(std::uint16_t const* in, char*& out) {
        __m256i const low = load(in);
        __m256i const high = load(in + 16);
        if (has_surrogate16(low) || has_surrogate16(high)) return false;
        for (__m256i const units : {low, high}) {
            out = put_lanes4(_mm256_cvtepu16_epi32(_mm256_castsi256_si128(units)), out);
            out = put_lanes4(_mm256_cvtepu16_epi32(_mm256_extracti128_si256(units, 1)), out);
        }
        return true;
    }
    static bool convert(std::uint32_t const* in, char*& out) {
        __m256i const low = load(in);
        __m256i const high = load(in + 8);
        // Beyond U+FFFF there are too many combinations of lengths for a table.
        if (!_mm256_testz_si256(_mm256_or_si256(low, high),
                                _mm256_set1_epi32(static_cast<int>(0xFFFF0000)))) {
            return transcode_units(in, kBlock<std::uint32_t>, out) == kBlock<std::uint32_t>;
        }
        if (has_surrogate32(low) || has_surrogate32(high)) return false;
        out = put_lanes4(low, out);
        out = put_lanes4(high, out);
        return true;
    }

 private:
    static bool has_surrogate16(__m256i units) {
        __m256i const high_bits =
            _mm256_and_si256(units, _mm256_set1_epi16(static_cast<short>(0xF800)));
        __m256i const hit =
            _mm256_cmpeq_epi16(high_bits, _mm256_set1_epi16(static_cast<short>(0xD800)));
        return _mm256_movemask_epi8(hit) != 0;
    }
    static bool has_surrogate32(__m256i units) {
        __m256i const high_bits = _mm256_and_si256(units, _mm256_set1_epi32(0xF800));
        __m256i const hit = _mm256_cmpeq_epi32(high_bits, _mm256_set1_epi32(0xD800));
        return _mm256_movemask_epi8(hit) != 0;
    }

    // 16 units of one byte.
    static char* put_latin1(__m128i units, char* out) {
        unsigned const two = static_cast<unsigned>(_mm_movemask_epi8(units));
        __m256i const c = _mm256_cvtepu8_epi16(units);
        __m256i const lead = _mm256_or_si256(_mm256_srli_epi16(c, 6), _mm256_set1_epi16(0xC0));
        // Of a unit with bit 7 set, the second byte keeps bits 5..0 and that bit.
        __m256i const clear_bit6 =
            _mm256_srli_epi16(_mm256_and_si256(c, _mm256_set1_epi16(0x80)), 1);
        __m256i const last = _mm256_slli_epi16(_mm256_andnot_si256(clear_bit6, c), 8);
        __m256i const lanes = _mm256_or_si256(lead, last);
        auto const put = [&out](__m128i half, unsigned index) {
            out = store_packed(half, kPackLanes2[index], 8 + _mm_popcnt_u32(index), out);
        };
        put(_mm256_castsi256_si128(lanes), two & 0xFF);
        put(_mm256_extracti128_si256(lanes, 1), two >> 8);
        return out;
    }

    // 8 units below 0x10000 in lanes of four bytes.
    static char* put_lanes4(__m256i c, char* out) {
        __m256i const two = _mm256_cmpgt_epi32(c, _mm256_set1_epi32(0x7F));
        __m256i const three = _mm256_cmpgt_epi32(c, _mm256_set1_epi32(0x7FF));
        __m256i const tail_mark = _mm256_set1_epi32(0x80);
        __m256i const tail_bits = _mm256_set1_epi32(0x3F);
        __m256i const tail = _mm256_or_si256(_mm256_and_si256(c, tail_bits), tail_mark);
        __m256i const last = _mm256_blendv_epi8(c, tail, two);
        __m256i const above = _mm256_srli_epi32(c, 6);
        __m256i const lead2 = _mm256_or_si256(above, _mm256_set1_epi32(0xC0));
        __m256i const tail2 = _mm256_or_si256(_mm256_and_si256(above, tail_bits), tail_mark);
        __m256i const middle = _mm256_blendv_epi8(lead2, tail2, three);
        __m256i const first = _mm256_or_si256(_mm256_srli_epi32(c, 12), _mm256_set1_epi32(0xE0));
        __m256i const lanes = _mm256_or_si256(_mm256_or_si256(first, _mm256_slli_epi32(middle, 8)),
                                              _mm256_slli_epi32(last, 16));

        auto const two_bits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(two)));
        auto const three_bits =
            static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(three)));
        auto const put = [&out](__m128i half, unsigned index) {
            out = store_packed(half, kPackLanes4[index], 4 + _mm_popcnt_u32(index), out);
        };
        put(_mm256_castsi256_si128(lanes), (two_bits & 15) | (three_bits & 15) << 4);
        put(_mm256_extracti128_si256(lanes, 1), two_bits >> 4 | (three_bits >> 4) << 4);
        return out;
    }
};

}  // namespace

TranscodeKernels const kTranscodeAvx2 = kTranscodeKernels<Avx2Transcode>;

}  // namespace tokmill::simd

#endif
