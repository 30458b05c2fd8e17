// What byte_search.cpp and the file of each instruction set share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokmill::simd {

// How membership in a set is tested.
enum class ByteTest : std::uint8_t {
    any,   // the set holds every byte
    one,   // one comparison
    few,   // four comparisons (a set of two or three repeats a byte)
    many,  // two lookups by nibble
};
inline constexpr std::size_t kByteTests = 4;

struct ByteSetTables {
    ByteTest test = ByteTest::any;
    std::uint8_t few[4] = {};
    // Entry `low nibble`, bit `high nibble` (modulo 8): is the byte in the set? Separately for
    // bytes below and above 0x80.
    alignas(16) std::uint8_t below[16] = {};
    alignas(16) std::uint8_t above[16] = {};
};

struct ByteSearchTables {
    ByteSetTables first;
    ByteSetTables second;         // `any`: a byte of the first set alone is searched
    std::uint8_t sets[256] = {};  // bit 0: in the first set; bit 1: in the second set
};

using FindBytes = std::size_t (*)(ByteSearchTables const& tables, std::uint8_t const* text,
                                  std::size_t from, std::size_t length);

// By the tests of the first and of the second set.
struct ByteSearchKernels {
    FindBytes find[kByteTests][kByteTests];
};

#if defined(__x86_64__)
extern ByteSearchKernels const kByteSearchAvx2;
extern ByteSearchKernels const kByteSearchAvx512;
#endif

}  // namespace tokmill::simd
