// Transcoding to UTF-8: the portable kernels and the choice between all of them.
#include "simd/transcode.h"

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/error.h"
#include "simd/transcode_kernel.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace tokmill::simd {

namespace {

// One 64-bit word at a time for ASCII, one unit at a time for the rest.
struct ScalarTranscode {
    template <class Unit>
    static constexpr std::size_t kBlock = 8 / sizeof(Unit);

    template <class Unit>
    static bool copy_ascii(Unit const* in, char* out) {
        std::uint64_t word;
        std::memcpy(&word, in, 8);
        constexpr std::uint64_t ones = ~std::uint64_t{0} / static_cast<Unit>(~Unit{0});
        if ((word & ones * static_cast<Unit>(~Unit{0x7F})) != 0) return false;
        for (std::size_t k = 0; k < kBlock<Unit>; ++k) out[k] = static_cast<char>(in[k]);
        return true;
    }

    template <class Unit>
    static bool convert(Unit const* in, char*& out) {
        return transcode_units(in, kBlock<Unit>, out) == kBlock<Unit>;
    }
};

#if defined(__x86_64__)

// The baseline of x86-64 has no byte shuffle: ASCII in registers, the rest one unit at a time.
struct BaselineTranscode {
    template <class Unit>
    static constexpr std::size_t kBlock = 16;

    static __m128i load(void const* in) { return _mm_loadu_si128(static_cast<__m128i const*>(in)); }
    static void store(char* out, __m128i v) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
    }
    static bool any(__m128i v) {
        return _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) != 0xFFFF;
    }

    static bool copy_ascii(std::uint8_t const* in, char* out) {
        __m128i const v = load(in);
        if (_mm_movemask_epi8(v) != 0) return false;
        store(out, v);
        return true;
    }
    static bool copy_ascii(std::uint16_t const* in, char* out) {
        __m128i const low = load(in);
        __m128i const high = load(in + 8);
        __m128i const beyond = _mm_and_si128(_mm_or_si128(low, high), _mm_set1_epi16(~0x7F));
        if (any(beyond)) return false;
        store(out, _mm_packus_epi16(low, high));
        return true;
    }
    static bool copy_ascii(std::uint32_t const* in, char* out) {
        __m128i const a = load(in), b = load(in + 4), c = load(in + 8), d = load(in + 12);
        __m128i const all = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        if (any(_mm_and_si128(all, _mm_set1_epi32(~0x7F)))) return false;
        store(out, _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d)));
        return true;
    }

    template <class Unit>
    static bool convert(Unit const* in, char*& out) {
        return transcode_units(in, kBlock<Unit>, out) == kBlock<Unit>;
    }
};

#elif defined(__aarch64__)

struct BaselineTranscode {
    template <class Unit>
    static constexpr std::size_t kBlock = 16;

    static void store(char* out, uint8x16_t v) {
        vst1q_u8(reinterpret_cast<std::uint8_t*>(out), v);
    }

    static bool copy_ascii(std::uint8_t const* in, char* out) {
        uint8x16_t const v = vld1q_u8(in);
        if (vmaxvq_u8(v) > 0x7F) return false;
        store(out, v);
        return true;
    }
    static bool copy_ascii(std::uint16_t const* in, char* out) {
        uint16x8_t const low = vld1q_u16(in);
        uint16x8_t const high = vld1q_u16(in + 8);
        if (vmaxvq_u16(vorrq_u16(low, high)) > 0x7F) return false;
        store(out, vmovn_high_u16(vmovn_u16(low), high));
        return true;
    }
    static bool copy_ascii(std::uint32_t const* in, char* out) {
        uint32x4_t const a = vld1q_u32(in), b = vld1q_u32(in + 4);
        uint32x4_t const c = vld1q_u32(in + 8), d = vld1q_u32(in + 12);
        if (vmaxvq_u32(vorrq_u32(vorrq_u32(a, b), vorrq_u32(c, d))) > 0x7F) return false;
        uint16x8_t const low = vmovn_high_u32(vmovn_u32(a), b);
        uint16x8_t const high = vmovn_high_u32(vmovn_u32(c), d);
        store(out, vmovn_high_u16(vmovn_u16(low), high));
        return true;
    }

    template <class Unit>
    static bool convert(Unit const* in, char*& out) {
        return transcode_units(in, kBlock<Unit>, out) == kBlock<Unit>;
    }
};

#else

using BaselineTranscode = ScalarTranscode;

#endif

TranscodeKernels const& transcode_kernels(Isa isa) {
    switch (isa) {
#if defined(__x86_64__)
        case Isa::avx512:
            return kTranscodeAvx512;
        case Isa::avx2:
            return kTranscodeAvx2;
#endif
        case Isa::scalar:
            return kTranscodeKernels<ScalarTranscode>;
        default:
            return kTranscodeKernels<BaselineTranscode>;
    }
}

[[noreturn]] void throw_not_scalar(std::uint32_t unit, std::size_t position) {
    char number[16];
    std::snprintf(number, sizeof number, "U+%04X", static_cast<unsigned>(unit));
    char const* const what = unit <= 0x10FFFF ? "lone surrogate " : "number that is no character ";
    throw Error(ErrorKind::invalid_input,
                std::string("the text has a ") + what + number + " at character " +
                    std::to_string(position),
                position);
}

template <class Unit>
std::size_t run(std::size_t (*kernel)(Unit const*, std::size_t, char*&), TextRef text, char* out) {
    auto const* const units = static_cast<Unit const*>(text.data);
    char* end = out;
    std::size_t const converted = kernel(units, text.length, end);
    if (converted != text.length) throw_not_scalar(units[converted], converted);
    return static_cast<std::size_t>(end - out);
}

std::size_t transcode_with(TranscodeKernels const& kernels, TextRef text, char* out) {
    switch (text.kind) {
        case TextKind::latin1:
            return run(kernels.latin1, text, out);
        case TextKind::ucs2:
            return run(kernels.ucs2, text, out);
        case TextKind::ucs4:
            return run(kernels.ucs4, text, out);
        case TextKind::ascii:
        case TextKind::bytes:
            break;
    }
    if (text.length != 0) std::memcpy(out, text.data, text.length);
    return text.length;
}

}  // namespace

std::size_t utf8_length_bound(TextRef text) noexcept {
    constexpr std::size_t slack = 64;
    switch (text.kind) {
        case TextKind::ascii:
        case TextKind::bytes:
            return text.length + slack;
        case TextKind::latin1:
            return text.length * 2 + slack;
        case TextKind::ucs2:
            return text.length * 3 + slack;
        case TextKind::ucs4:
            break;
    }
    return text.length * 4 + slack;
}

std::size_t transcode_to_utf8(TextRef text, char* out) {
    static TranscodeKernels const& kernels = transcode_kernels(active_isa());
    return transcode_with(kernels, text, out);
}

std::size_t transcode_to_utf8(TextRef text, char* out, Isa isa) {
    return transcode_with(transcode_kernels(isa), text, out);
}

}  // namespace tokmill::simd
