// The table of character sets: one bit a set.
#include "normalizers/char_sets.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "unicode/two_stage_table.h"

namespace tokmill::stages {

namespace {

constexpr std::uint8_t kUnclean = 1;
constexpr std::uint8_t kNonspacingMark = 2;
constexpr std::uint8_t kCombiningMark = 4;

#include "normalizers/char_sets.inc"

constexpr auto kNumbers = unicode::unpack_blocks(kBlocks);

std::uint8_t record(std::uint32_t c) noexcept {
    std::size_t const block = kBlockOf[c >> 8];
    return kRecords[kNumbers[block << 8 | (c & 0xFF)]];
}

}  // namespace

bool is_unclean(std::uint32_t code_point) noexcept {
    return record(code_point) & kUnclean;
}

bool is_nonspacing_mark(std::uint32_t code_point) noexcept {
    return record(code_point) & kNonspacingMark;
}

bool is_combining_mark(std::uint32_t code_point) noexcept {
    return record(code_point) & kCombiningMark;
}

}  // namespace tokmill::stages
