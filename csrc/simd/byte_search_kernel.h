// The search loop, written once over the registers of byte_vector.h and the kinds of sets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/byte_search_kernels.h"
#include "simd/byte_vector.h"

namespace tokmill::simd {
namespace {

constexpr std::size_t kSearchBlock = 64;

inline bool byte_search_hit(ByteSearchTables const& tables, std::uint8_t const* text, std::size_t i,
                            std::size_t length) {
    if ((tables.sets[text[i]] & 1) == 0) return false;
    if (tables.second.test == ByteTest::any) return true;
    return i + 1 < length && (tables.sets[text[i + 1]] & 2) != 0;
}

inline std::size_t find_scalar(ByteSearchTables const& tables, std::uint8_t const* text,
                               std::size_t from, std::size_t length) {
    std::size_t i = from;
    while (i < length && !byte_search_hit(tables, text, i, length)) ++i;
    return i;
}

// Membership of every byte of a register, as bits.
template <class Bytes, ByteTest kTest>
struct ByteSetTest;

template <class Bytes>
struct ByteSetTest<Bytes, ByteTest::one> {
    explicit ByteSetTest(ByteSetTables const& set) : byte(Bytes::splat(set.few[0])) {}
    std::uint64_t operator()(Bytes text) const { return text.equal_bits(byte); }
    Bytes byte;
};

template <class Bytes>
struct ByteSetTest<Bytes, ByteTest::few> {
    explicit ByteSetTest(ByteSetTables const& set)
        : a(Bytes::splat(set.few[0])),
          b(Bytes::splat(set.few[1])),
          c(Bytes::splat(set.few[2])),
          d(Bytes::splat(set.few[3])) {}
    std::uint64_t operator()(Bytes text) const {
        return text.equal_bits(a) | text.equal_bits(b) | text.equal_bits(c) | text.equal_bits(d);
    }
    Bytes a, b, c, d;
};

template <class Bytes>
struct ByteSetTest<Bytes, ByteTest::many> {
    explicit ByteSetTest(ByteSetTables const& set)
        : below(Bytes::table16(set.below)),
          above(Bytes::table16(set.above)),
          bit_of_nibble(Bytes::table16(kBitOfNibble)) {}
    std::uint64_t operator()(Bytes text) const {
        // An index with bit 7 gives 0, so exactly one of the two tables answers.
        Bytes const index = text & Bytes::splat(0x8F);
        Bytes const row = below.lookup(index) | above.lookup(index ^ Bytes::splat(0x80));
        return (row & bit_of_nibble.lookup(text.high_nibbles())).nonzero_bits();
    }
    static constexpr std::uint8_t kBitOfNibble[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                      1, 2, 4, 8, 16, 32, 64, 128};
    Bytes below, above, bit_of_nibble;
};

template <class Bytes, ByteTest kFirst, ByteTest kSecond>
struct ByteSearchLoop {
    static constexpr std::size_t kLookAhead = kSecond == ByteTest::any ? 0 : 1;

    explicit ByteSearchLoop(ByteSearchTables const& tables)
        : first(tables.first), second(tables.second) {}

    // Bit k: there is a hit at p + k. Reads kWidth + kLookAhead bytes.
    template <std::size_t kWidth>
    std::uint64_t hits(std::uint8_t const* p) const {
        std::uint64_t bits = 0;
        for (std::size_t k = 0; k < kWidth; k += Bytes::kSize) {
            std::uint64_t found = first(Bytes::load(p + k));
            if constexpr (kLookAhead != 0) found &= second(Bytes::load(p + k + 1));
            bits |= found << k;
        }
        return bits;
    }

    std::size_t find(std::uint8_t const* text, std::size_t from, std::size_t length) const {
        std::size_t const end = length - kLookAhead;  // a hit needs kLookAhead bytes behind it
        std::size_t i = from;
        for (; end - i >= kSearchBlock; i += kSearchBlock) {
            if (auto const bits = hits<kSearchBlock>(text + i)) return i + first_bit(bits);
        }
        for (; end - i >= Bytes::kSize; i += Bytes::kSize) {
            if (auto const bits = hits<Bytes::kSize>(text + i)) return i + first_bit(bits);
        }
        if (i == end) return length;
        // The last register overlaps the one before it, where there was no hit.
        i = end - Bytes::kSize;
        auto const bits = hits<Bytes::kSize>(text + i);
        return bits != 0 ? i + first_bit(bits) : length;
    }

    static std::size_t first_bit(std::uint64_t bits) {
        return static_cast<std::size_t>(__builtin_ctzll(bits));
    }

    ByteSetTest<Bytes, kFirst> first;
    // Without a second set this is a test that is never made.
    ByteSetTest<Bytes, kSecond == ByteTest::any ? ByteTest::one : kSecond> second;
};

template <class Bytes, ByteTest kFirst, ByteTest kSecond>
std::size_t find_bytes(ByteSearchTables const& tables, std::uint8_t const* text, std::size_t from,
                       std::size_t length) {
    using Loop = ByteSearchLoop<Bytes, kFirst, kSecond>;
    if (length - from < Bytes::kSize + Loop::kLookAhead) {
        return find_scalar(tables, text, from, length);
    }
    // Where hits are dense, setting the registers up would be most of the work.
    if (byte_search_hit(tables, text, from, length)) return from;
    return Loop(tables).find(text, from, length);
}

template <class Bytes, ByteTest kFirst, ByteTest kSecond>
constexpr FindBytes byte_search_kernel() {
    constexpr bool needs_lookup = kFirst == ByteTest::many || kSecond == ByteTest::many;
    if constexpr (needs_lookup && !Bytes::kHasLookup) {
        return find_scalar;
    } else {
        return find_bytes<Bytes, kFirst, kSecond>;
    }
}

template <class Bytes, ByteTest kFirst>
constexpr void fill_byte_search_row(FindBytes (&row)[kByteTests]) {
    row[0] = byte_search_kernel<Bytes, kFirst, ByteTest::any>();
    row[1] = byte_search_kernel<Bytes, kFirst, ByteTest::one>();
    row[2] = byte_search_kernel<Bytes, kFirst, ByteTest::few>();
    row[3] = byte_search_kernel<Bytes, kFirst, ByteTest::many>();
}

template <class Bytes>
constexpr ByteSearchKernels byte_search_kernels() {
    ByteSearchKernels kernels{};
    // A first set of every byte is tested like any other set of many.
    fill_byte_search_row<Bytes, ByteTest::many>(kernels.find[0]);
    fill_byte_search_row<Bytes, ByteTest::one>(kernels.find[1]);
    fill_byte_search_row<Bytes, ByteTest::few>(kernels.find[2]);
    fill_byte_search_row<Bytes, ByteTest::many>(kernels.find[3]);
    return kernels;
}

}  // namespace
}  // namespace tokmill::simd
