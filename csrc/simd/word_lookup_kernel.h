// The lookup of a chunk of words, written once over a function that searches one line. Two loops,
// the first without and the second with access to the table, so that the cache misses of many words
// are under way at once, and other work can be done in between; neither branches on what the words
// are.
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

inline void prepare_words(WordTable const& table, WordChunk& chunk) {
    WordLine const* const lines = table.data();
    unsigned const shift = table.shift();
    auto const put = [&](std::size_t i, WordKey key) {
        auto const line = static_cast<std::uint32_t>(hash_key(key) >> shift);
        chunk.keys[i] = key;
        chunk.lines[i] = line;
        prefetch(lines + line);
    };
    auto const text = [&](std::size_t i) { return chunk.base + chunk.begins[i]; };
    auto const size = [&](std::size_t i) -> std::size_t { return chunk.ends[i] - chunk.begins[i]; };
    std::size_t inside = chunk.count;
    while (inside > 0 && chunk.readable_end - text(inside - 1) < 16) --inside;
    for (std::size_t i = 0; i < inside; ++i) put(i, make_key_unchecked(text(i), size(i)));
    for (std::size_t i = inside; i < chunk.count; ++i) put(i, key_at_the_end(text(i), size(i)));
}

template <class Line>
void find_words(WordTable const& table, WordChunk& chunk) {
    WordLine const* const lines = table.data();
    std::size_t pending = 0;
    for (std::size_t i = 0; i < chunk.count; ++i) {
        std::uint32_t const id = Line::find(lines[chunk.lines[i]], chunk.keys[i]);
        chunk.ids[i][0] = id;
        chunk.pending[pending] = static_cast<std::uint16_t>(i);
        pending += id == kNoId;
    }
    chunk.pending_count = pending;
}

template <class Line>
WordLookup lookup_with() {
    return {&prepare_words, &find_words<Line>};
}

}  // namespace
}  // namespace tokmill::simd
