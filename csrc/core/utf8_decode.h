// Reading single code points of text that is known to be valid UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/inline.h"

namespace tokmill {

struct DecodedChar {
    std::uint32_t code_point;
    std::uint32_t size;  // in bytes
};

TOKMILL_INLINE DecodedChar decode_char(unsigned char const* p) noexcept {
    std::uint32_t const lead = p[0];
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xE0) return {((lead & 0x1F) << 6) | (p[1] & 0x3Fu), 2};
    if (lead < 0xF0) return {((lead & 0x0F) << 12) | ((p[1] & 0x3Fu) << 6) | (p[2] & 0x3Fu), 3};
    return {((lead & 0x07) << 18) | ((p[1] & 0x3Fu) << 12) | ((p[2] & 0x3Fu) << 6) | (p[3] & 0x3Fu),
            4};
}

TOKMILL_INLINE bool is_continuation(unsigned char byte) noexcept {
    return (byte & 0xC0) == 0x80;
}

}  // namespace tokmill
