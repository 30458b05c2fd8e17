// The property tables, unpacked at compile time from their generated text form.
#include "unicode/properties.h"

#include <iterator>
#include <string_view>

#include "unicode/two_stage_table.h"

namespace tokmill::unicode::detail {

namespace {

#include "unicode/property_table.inc"

static_assert(std::size(kBlocks) == kPropertyBlocks, "properties.h must name the generated size");

constexpr std::array<std::uint8_t, kPropertyBlocks * 256> unpack_records() {
    std::array<std::uint8_t, kPropertyBlocks * 256> records = unpack_blocks(kBlocks);
    for (std::uint8_t& record : records) record = static_cast<std::uint8_t>(kRecords[record]);
    return records;
}

}  // namespace

constinit std::array<std::uint8_t, kCodeSpace / 256> const property_block_of = kBlockOf;
constinit std::array<std::uint8_t, kPropertyBlocks * 256> const property_records = unpack_records();

}  // namespace tokmill::unicode::detail
