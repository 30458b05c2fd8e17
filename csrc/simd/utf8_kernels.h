// What utf8.cpp gets from the file of each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokmill::simd {

struct Utf8Kernels {
    std::size_t (*valid_prefix)(std::uint8_t const* text, std::size_t length);
    bool (*is_ascii)(std::uint8_t const* text, std::size_t length);
};

#if defined(__x86_64__)
extern Utf8Kernels const kUtf8Avx2;
extern Utf8Kernels const kUtf8Avx512;
#endif

}  // namespace tokmill::simd
