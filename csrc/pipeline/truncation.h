// Cutting encodings to a length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pipeline/encoding.h"

namespace tokmill::stages {

enum class TruncationStrategy : std::uint8_t { longest_first, only_first, only_second };

struct Truncation {
    Side direction = Side::right;
    std::size_t max_length = 512;
    TruncationStrategy strategy = TruncationStrategy::longest_first;
    std::size_t stride = 0;

    bool operator==(Truncation const&) const = default;
};

// Cuts one encoding, or a pair (`second` not null), to max_length tokens together. Throws
// Error(invalid_input) with tokenizers' messages if the strategy cannot do that.
void truncate_encodings(Encoding& first, Encoding* second, Truncation const& truncation);

}  // namespace tokmill::stages
