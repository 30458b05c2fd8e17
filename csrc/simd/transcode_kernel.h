// The loop of transcode.h, written once; each instruction set gives it an `Arch` that knows how to
// convert one block. Everything here has internal linkage: a file that is compiled for a wider
// instruction set must not lend its copy of a function to the rest of the program.
//
// An Arch has, for each of the three unit types:
//   kBlock<Unit>             units a block
//   copy_ascii(in, out)      if the block is ASCII: writes it and says so
//   convert(in, out)         any block: writes it and advances `out`; false, with `out`
//   unspecified,
//                            if some unit is not a Unicode scalar value
// Both may write up to 64 bytes behind the end of their output.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/transcode_kernels.h"

namespace tokmill::simd {
namespace {

inline bool is_scalar_value(std::uint32_t c) {
    return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
}

// Writes one scalar value and returns the end.
inline char* put_utf8(std::uint32_t c, char* out) {
    auto const tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
    if (c < 0x80) {
        *out++ = static_cast<char>(c);
    } else if (c < 0x800) {
        *out++ = static_cast<char>(0xC0 | c >> 6);
        *out++ = tail(c);
    } else if (c < 0x10000) {
        *out++ = static_cast<char>(0xE0 | c >> 12);
        *out++ = tail(c >> 6);
        *out++ = tail(c);
    } else {
        *out++ = static_cast<char>(0xF0 | c >> 18);
        *out++ = tail(c >> 12);
        *out++ = tail(c >> 6);
        *out++ = tail(c);
    }
    return out;
}

// Converts up to `length` units, stopping at the first that is no scalar value; returns how many.
template <class Unit>
std::size_t transcode_units(Unit const* in, std::size_t length, char*& out) {
    char* end = out;
    std::size_t i = 0;
    for (; i < length && is_scalar_value(in[i]); ++i) end = put_utf8(in[i], end);
    out = end;
    return i;
}

template <class Arch, class Unit>
std::size_t transcode(Unit const* in, std::size_t length, char*& out) {
    constexpr std::size_t block = Arch::template kBlock<Unit>;
    std::size_t i = 0;
    char* end = out;
    while (length - i >= block) {
        if (Arch::copy_ascii(in + i, end)) {
            end += block;
        } else {
            char* next = end;
            // The loop below finds out which unit is to blame.
            if (!Arch::convert(in + i, next)) break;
            end = next;
        }
        i += block;
    }
    i += transcode_units(in + i, length - i, end);
    out = end;
    return i;
}

template <class Arch>
constexpr TranscodeKernels kTranscodeKernels = {
    transcode<Arch, std::uint8_t>, transcode<Arch, std::uint16_t>, transcode<Arch, std::uint32_t>};

}  // namespace
}  // namespace tokmill::simd
