// Text as the caller stores it. Code units other than UTF-8 are transcoded inside the worker that
// encodes the text, so no UTF-8 copy is ever left behind in the caller's object.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tokmill {

enum class TextKind : std::uint8_t {
    ascii,   // every byte < 0x80: proven by the caller
    bytes,   // UTF-8 that may be invalid
    latin1,  // one byte a code point
    ucs2,    // two bytes a code point; a surrogate is an error (InvalidInput)
    ucs4,    // four bytes a code point; likewise
};

struct TextRef {
    void const* data = nullptr;
    std::size_t length = 0;  // in code units
    TextKind kind = TextKind::bytes;
};

}  // namespace tokmill
