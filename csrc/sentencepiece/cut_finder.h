// Where a normalized text can be cut before it is encoded, so that the parts can be encoded one by
// one (and remembered): between two characters that stand side by side in no piece.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/inline.h"
#include "sentencepiece/utf8.h"
#include "sentencepiece/vocabulary.h"

namespace tokmill::sentencepiece {

class CutFinder {
 public:
    // The pairs of neighbours in all pieces that text can be cut into.
    explicit CutFinder(Vocabulary const& vocabulary);

    // The end of the part that begins at `begin` < `size`. Four bytes behind the text must be
    // readable. Errs on the side of longer parts.
    TOKMILL_INLINE std::size_t part_end(char const* text, std::size_t begin,
                                        std::size_t size) const noexcept {
        Char previous = load(text + begin);
        std::size_t at = begin + announced_size(text[begin]);
        while (at < size) {
            // ASCII goes without looking up sizes, on which everything behind would have to wait.
            auto const byte = static_cast<unsigned char>(text[at]);
            if ((previous | byte) < 0x80) {
                if ((ascii_[previous][byte >> 6] >> (byte & 63) & 1) == 0) break;
                previous = byte;
                ++at;
                continue;
            }
            Char const next = load(text + at);
            if (!are_neighbours(previous, next)) break;
            at += announced_size(text[at]);
            previous = next;
        }
        return at < size ? at : size;
    }

 private:
    using Char = std::uint32_t;  // its bytes, the first one lowest

    static_assert(std::endian::native == std::endian::little);
    TOKMILL_INLINE static Char load(char const* p) noexcept {
        auto const first = static_cast<unsigned char>(*p);
        if (first < 0x80) return first;
        Char value;
        std::memcpy(&value, p, sizeof value);
        return value & 0xFFFFFFFFu >> 8 * (4 - announced_size(*p));
    }
    // Of which one at least is not ASCII.
    TOKMILL_INLINE bool are_neighbours(Char a, Char b) const noexcept {
        std::size_t const bit = hash(a, b) >> shift_;
        return (others_[bit >> 6] >> (bit & 63) & 1) != 0;
    }
    static std::uint64_t hash(Char a, Char b) noexcept {
        return (std::uint64_t{a} << 32 | b) * 0x9E3779B97F4A7C15u;
    }
    void add(Char a, Char b) noexcept;

    std::array<std::array<std::uint64_t, 2>, 128> ascii_{};
    // A set of hashes: pairs that are no neighbours can be taken for some.
    std::vector<std::uint64_t> others_;
    unsigned shift_ = 0;
};

}  // namespace tokmill::sentencepiece
