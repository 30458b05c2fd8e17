// The ids of the numerals that EasyNumerals finds.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "numbers/easy_numerals.h"
#include "numbers/vocabulary.h"

namespace tokmill::numbers {

class EasyIds {
 public:
    // Of a scheme whose EasyRules apply; `first_id` is the first of the vocabulary.
    EasyIds(NumberVocabulary const& vocabulary, std::uint32_t first_id, std::uint32_t point)
        : second_integer_(first_id + vocabulary.integer(0, 3, 0)), point_(point) {
        for (std::uint32_t n = 1; n <= EasyRules::kMostInteger; ++n) {
            std::uint32_t const group = groups_of(n) - 1;
            integer_[n] = first_id + vocabulary.integer(group, n - 3 * group, 0);
        }
        std::uint32_t const groups = std::min(kMostGroups, vocabulary.fraction_groups());
        for (std::uint32_t depth = 0; depth < groups; ++depth) {
            for (std::uint32_t n = 1; n <= 3; ++n) {
                fraction_[depth][n] = first_id + vocabulary.fraction(depth, n, 0);
            }
        }
    }

    static constexpr std::uint32_t kMostGroups = (EasyRules::kMostFraction + 2) / 3;
    static constexpr std::size_t kMostIds = 2 + 1 + kMostGroups;

    static std::size_t count(EasyNumerals::Found const& found) noexcept {
        return groups_of(found.integer) + (found.fraction != 0) + groups_of(found.fraction);
    }
    // Writes up to kMostIds places; returns the end of the ids. How many groups there are is hard
    // to predict: two are made before and behind the point in any case.
    std::uint32_t* write(EasyNumerals::Found const& found, std::uint32_t* out) const noexcept {
        std::uint32_t const integers = groups_of(found.integer);
        std::uint32_t const first = found.integer - 3 * (found.integer > 3);
        char const* at = found.digits;
        out[0] = integer_[found.integer] + value(at, first);
        out[1] = second_integer_ + value(at + first, 3);
        out += integers;
        *out = point_;
        out += found.fraction != 0;
        at += found.integer + 1;
        out[0] = fraction_id(0, at, found.fraction);
        out[1] = fraction_id(1, at, found.fraction);
        for (std::uint32_t depth = 2; 3 * depth < found.fraction; ++depth) {
            out[depth] = fraction_id(depth, at, found.fraction);
        }
        return out + groups_of(found.fraction);
    }

 private:
    static constexpr std::uint32_t groups_of(std::uint32_t digits) noexcept {
        return (digits + 2) / 3;
    }
    // Of a group behind the point; with no digits for it, of none.
    std::uint32_t fraction_id(std::uint32_t depth, char const* digits,
                              std::uint32_t count) const noexcept {
        std::uint32_t const before = std::min(3 * depth, count);
        std::uint32_t const size = std::min(count - before, 3u);
        return fraction_[depth][size] + value(digits + 3 * depth, size);
    }
    // Of the first `size` of four bytes, at most three.
    static std::uint32_t value(char const* digits, std::uint32_t size) noexcept {
        std::uint32_t bytes;
        std::memcpy(&bytes, digits, sizeof bytes);
        if constexpr (std::endian::native == std::endian::little) {
            bytes = __builtin_bswap32(bytes);
        }
        std::uint32_t const moved = (bytes >> 8 & 0x0F0F0F) >> (24 - 8 * size);
        return (moved >> 16) * 100 + (moved >> 8 & 0xFF) * 10 + (moved & 0xFF);
    }

    // The ids of groups of zeros: the first of so many digits, and by depth and size.
    std::uint32_t integer_[EasyRules::kMostInteger + 1] = {};
    std::uint32_t fraction_[kMostGroups][4] = {};
    std::uint32_t second_integer_;
    std::uint32_t point_;
};

}  // namespace tokmill::numbers
