// The caller's text as UTF-8.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/text_ref.h"

namespace tokmill {

struct Utf8Text {
    std::string_view bytes;
    std::size_t valid;  // how long the valid prefix is; all of it for every kind but bytes
};

// `buffer` takes the text if it has to be transcoded. Throws invalid_input with the position in
// bytes of UTF-8 for a surrogate.
Utf8Text utf8_of(TextRef text, std::vector<char>& buffer);

}  // namespace tokmill
