// The case tables: for every character its distance to the other case, or a mark that says to look
// into a list, which has the distances that occur once and the mappings to several characters.
#include "normalizers/case_mapping.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "unicode/two_stage_table.h"

namespace tokmill::stages {

namespace {

constexpr std::int32_t kListed = 0x110000;

struct Mapping {
    std::uint32_t from;
    std::uint32_t size;
    std::array<std::uint32_t, 3> to;
};

#include "normalizers/case_mappings.inc"

constexpr auto kLowerNumbers = unicode::unpack_blocks(kLowerBlocks);
constexpr auto kUpperNumbers = unicode::unpack_blocks(kUpperBlocks);

std::int32_t lower_distance(std::uint32_t c) noexcept {
    std::size_t const block = kLowerBlockOf[c >> 8];
    return kLowerRecords[kLowerNumbers[block << 8 | (c & 0xFF)]];
}

std::int32_t upper_distance(std::uint32_t c) noexcept {
    std::size_t const block = kUpperBlockOf[c >> 8];
    return kUpperRecords[kUpperNumbers[block << 8 | (c & 0xFF)]];
}

CaseMapping map(std::uint32_t c, std::int32_t distance, std::span<Mapping const> listed) noexcept {
    if (distance != kListed) return {{c + static_cast<std::uint32_t>(distance), 0, 0}, 1};
    Mapping const& found = *std::ranges::lower_bound(listed, c, {}, &Mapping::from);
    return {found.to, found.size};
}

}  // namespace

CaseMapping lower_case(std::uint32_t code_point) noexcept {
    return map(code_point, lower_distance(code_point), kLowerListed);
}

CaseMapping upper_case(std::uint32_t code_point) noexcept {
    return map(code_point, upper_distance(code_point), kUpperListed);
}

bool changes_in_lower_case(std::uint32_t code_point) noexcept {
    return lower_distance(code_point) != 0;
}

}  // namespace tokmill::stages
