// One bit a code point, blocks of 256 shared by equal runs.
#include "pretokenizers/punctuation.h"

#include <array>

namespace tokmill::stages {

namespace {

#include "pretokenizers/punctuation_table.inc"

}  // namespace

bool is_punctuation(std::uint32_t code_point) noexcept {
    std::size_t const block = code_point >> 8;
    if (block >= kBlockOf.size()) return false;
    std::uint64_t const bits = kBits[kBlockOf[block] * 4u + (code_point >> 6 & 3)];
    return bits >> (code_point & 63) & 1;
}

}  // namespace tokmill::stages
