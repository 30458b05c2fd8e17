// Writing single code points as UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tokmill {

// Writes the one to four bytes of a code point (at most U+10FFFF) and returns their number.
inline std::size_t encode_utf8(std::uint32_t code_point, char* out) noexcept {
    auto const trail = [code_point](unsigned shift) {
        return static_cast<char>(0x80 | (code_point >> shift & 0x3F));
    };
    if (code_point < 0x80) {
        out[0] = static_cast<char>(code_point);
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = static_cast<char>(0xC0 | code_point >> 6);
        out[1] = trail(0);
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = static_cast<char>(0xE0 | code_point >> 12);
        out[1] = trail(6);
        out[2] = trail(0);
        return 3;
    }
    out[0] = static_cast<char>(0xF0 | code_point >> 18);
    out[1] = trail(12);
    out[2] = trail(6);
    out[3] = trail(0);
    return 4;
}

inline void append_utf8(std::uint32_t code_point, std::string& out) {
    char bytes[4];
    out.append(bytes, encode_utf8(code_point, bytes));
}

}  // namespace tokmill
