// The classes of characters that word patterns distinguish, one byte a code point.
#pragma once

#include <array>
#include <cstdint>

#include "core/inline.h"

namespace tokmill {

enum CharClass : std::uint8_t {
    kOther = 0,      // punctuation, symbols, controls, unassigned
    kUpper = 1,      // Lu Lt
    kLower = 2,      // Ll
    kBothCases = 3,  // Lm Lo: letters that o200k counts as upper and lower case at once
    kMark = 4,       // Mn Mc Me
    kNumber = 5,     // Nd Nl No
    kSpace = 6,      // White_Space
};

// From the Unicode tables; a few loads.
std::uint8_t classify_char(std::uint32_t code_point) noexcept;

// The same for the basic multilingual plane as one flat array (64 KiB, of which a text touches few
// lines), because the scanners ask for every character that is not ASCII.
std::array<std::uint8_t, 0x10000> const& bmp_char_classes();

TOKMILL_INLINE std::uint8_t char_class(std::uint8_t const* bmp, std::uint32_t code_point) noexcept {
    return code_point < 0x10000 ? bmp[code_point] : classify_char(code_point);
}

}  // namespace tokmill
