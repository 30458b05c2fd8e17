// Filling encodings up to one length.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "pipeline/encoding.h"

namespace tokmill::stages {

struct Padding {
    std::optional<std::size_t> fixed_length;  // none: that of the longest one
    Side direction = Side::right;
    std::optional<std::size_t> multiple_of;
    PadToken token;
};

void pad_encodings(std::span<Encoding> encodings, Padding const& padding);

}  // namespace tokmill::stages
