// From offsets in bytes of UTF-8 to offsets in characters.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace tokmill {

class CharacterOffsets {
 public:
    explicit CharacterOffsets(std::string_view text);

    // A span that cuts a character gets all of it, unless it is empty.
    Span operator()(Span bytes) const noexcept;

 private:
    std::vector<std::uint32_t> character_;  // of each byte; empty for ASCII, where it is the byte
};

}  // namespace tokmill
