// The ids of what mostly stands between two numbers: an ASCII character, or two that are neither
// letters nor digits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "numbers/base_segments.h"
#include "numbers/special_digits.h"

namespace tokmill::numbers {

class GapIds {
 public:
    static constexpr std::uint32_t kNoId = 0xFFFFFFFF;
    struct Pair {
        std::uint32_t ids[2];
        std::uint32_t count;  // 0: they are not known
    };

    // Knows what has one id, or two for a pair, whatever the options are.
    GapIds(BaseSegments const& segments, SpecialDigits const& special_digits);

    // kNoId if it is not known.
    std::uint32_t character(char c) const noexcept {
        auto const byte = static_cast<unsigned char>(c);
        return byte < 128 ? characters_[byte] : kNoId;
    }
    Pair const& pair(char first, char second) const noexcept {
        return pairs_[place_[static_cast<unsigned char>(first)] * places_ +
                      place_[static_cast<unsigned char>(second)]];
    }

 private:
    std::array<std::uint32_t, 128> characters_;
    std::array<std::uint8_t, 256> place_ = {};  // of a character in a row; 0: of all others
    std::size_t places_ = 1;
    std::vector<Pair> pairs_;
};

}  // namespace tokmill::numbers
