// What transcode.cpp gets from the file of each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokmill::simd {

// Each converts `length` code units, advances `out` to the end of the UTF-8, and returns how many
// units it converted: fewer than `length` if the next one is not a Unicode scalar value.
struct TranscodeKernels {
    std::size_t (*latin1)(std::uint8_t const* in, std::size_t length, char*& out);
    std::size_t (*ucs2)(std::uint16_t const* in, std::size_t length, char*& out);
    std::size_t (*ucs4)(std::uint32_t const* in, std::size_t length, char*& out);
};

#if defined(__x86_64__)
extern TranscodeKernels const kTranscodeAvx2;
extern TranscodeKernels const kTranscodeAvx512;
#endif

}  // namespace tokmill::simd
