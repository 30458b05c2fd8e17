// The lookup of a chunk of words, written once over a function that searches one line. Two loops,
// the first without and the second with access to the table, so that the cache misses of many words
// are under way at once; neither branches on what the words are.
#pragma once

#include <cstdint>

#include "core/prefetch.h"
#include "simd/block64.h"
#include "simd/word_lookup.h"

namespace tokmill::simd {
namespace {

struct ScalarLine {
    static TOKMILL_INLINE std::uint32_t find(WordLine const& line, WordKey const& key) {
        std::uint32_t id = line.ids[WordLine::kWords];
        for (std::size_t i = 0; i < WordLine::kWords; ++i) {
            bool const equal = ((line.keys[i].low ^ key.low) | (line.keys[i].high ^ key.high)) == 0;
            id = equal ? line.ids[i] : id;
        }
        return id;
    }
};

#if defined(__SSE2__)
struct Sse2Line {
    static TOKMILL_INLINE std::uint32_t find(WordLine const& line, WordKey const& key) {
        __m128i const wanted = _mm_loadu_si128(reinterpret_cast<__m128i const*>(&key));
        std::uint32_t id = line.ids[WordLine::kWords];
        for (std::size_t i = 0; i < WordLine::kWords; ++i) {
            __m128i const held = _mm_load_si128(reinterpret_cast<__m128i const*>(&line.keys[i]));
            id = _mm_movemask_epi8(_mm_cmpeq_epi8(held, wanted)) == 0xFFFF ? line.ids[i] : id;
        }
        return id;
    }
};
#endif

// The ids of a line follow its keys, the one that means "none" last: with one bit a key half, the
// pair of equal halves names the place to read.
#if defined(__AVX2__)
TOKMILL_INLINE std::uint32_t id_of_halves(WordLine const& line, unsigned halves) {
    unsigned const equal = (halves & halves >> 1 & 0x15) | 0x40;
    return line.ids[static_cast<unsigned>(std::countr_zero(equal)) / 2];
}

struct Avx2Line {
    static TOKMILL_INLINE std::uint32_t find(WordLine const& line, WordKey const& key) {
        __m128i const wanted = _mm_loadu_si128(reinterpret_cast<__m128i const*>(&key));
        auto const* const keys = reinterpret_cast<__m256i const*>(line.keys);
        __m256i const first =
            _mm256_cmpeq_epi64(_mm256_load_si256(keys), _mm256_broadcastsi128_si256(wanted));
        __m128i const third =
            _mm_cmpeq_epi64(_mm_load_si128(reinterpret_cast<__m128i const*>(keys + 1)), wanted);
        return id_of_halves(
            line, static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(first))) |
                      static_cast<unsigned>(_mm_movemask_pd(_mm_castsi128_pd(third))) << 4);
    }
};
#endif

#if defined(__AVX512VBMI2__)
struct Avx512Line {
    static TOKMILL_INLINE std::uint32_t find(WordLine const& line, WordKey const& key) {
        __m512i const wanted =
            _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<__m128i const*>(&key)));
        return id_of_halves(line, _mm512_cmpeq_epi64_mask(_mm512_load_si512(&line), wanted));
    }
};
#endif

// Words so close to the end of the memory that 16 bytes cannot be read at once; out of line, to
// keep its registers out of the loop.
#if defined(__GNUC__)
__attribute__((noinline))
#endif
WordKey key_at_the_end(unsigned char const* text, std::size_t size) {
    return make_key(text, size);
}

template <class Line>
std::size_t lookup_words(WordTable const& table, WordLookup const& lookup) {
    WordLine const* const lines = table.data();
    unsigned const shift = table.shift();
    WordLine const* places[kMaxLookup];
    WordKey* const keys = lookup.keys;
    auto const put = [&](std::size_t i, WordKey key) {
        WordLine const* const place = lines + (hash_key(key) >> shift);
        keys[i] = key;
        places[i] = place;
        prefetch(place);
    };
    auto const text = [&](std::size_t i) { return lookup.base + lookup.begins[i]; };
    auto const size = [&](std::size_t i) -> std::size_t {
        return lookup.ends[i] - lookup.begins[i];
    };
    std::size_t inside = lookup.count;
    while (inside > 0 && lookup.readable_end - text(inside - 1) < 16) --inside;
    for (std::size_t i = 0; i < inside; ++i) put(i, make_key_unchecked(text(i), size(i)));
    for (std::size_t i = inside; i < lookup.count; ++i) put(i, key_at_the_end(text(i), size(i)));

    std::size_t pending = 0;
    for (std::size_t i = 0; i < lookup.count; ++i) {
        std::uint32_t const id = Line::find(*places[i], keys[i]);
        lookup.ids[i][0] = id;
        lookup.pending[pending] = static_cast<std::uint16_t>(i);
        pending += id == kNoId;
    }
    return pending;
}

}  // namespace
}  // namespace tokmill::simd
