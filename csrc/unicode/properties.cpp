// The property tables, unpacked at compile time from their generated text form.
#include "unicode/properties.h"

#include <string_view>

namespace tokmill::unicode::detail {

namespace {

#include "unicode/property_table.inc"

static_assert(kBlockCount == kPropertyBlocks, "properties.h must name the generated size");

// Symbols are printable ASCII without the three characters that are awkward in string literals.
constexpr std::size_t symbol_number(char symbol) {
    std::size_t number = 0;
    for (char c = ' '; c < symbol; ++c) {
        if (c != '"' && c != '?' && c != '\\') ++number;
    }
    return number;
}

constexpr std::array<std::uint8_t, kPropertyBlocks * 256> unpack_records() {
    std::array<std::uint8_t, 128> record_of{};
    for (std::size_t c = ' '; c < record_of.size(); ++c) {
        std::size_t const number = symbol_number(static_cast<char>(c));
        if (number < std::size(kRecordOfSymbol)) record_of[c] = kRecordOfSymbol[number];
    }
    std::array<std::uint8_t, kPropertyBlocks * 256> records{};
    for (std::size_t block = 0; block < kBlockCount; ++block) {
        for (std::size_t i = 0; i < 256; ++i) {
            records[block * 256 + i] = record_of[static_cast<std::uint8_t>(kBlocks[block][i])];
        }
    }
    return records;
}

}  // namespace

constinit std::array<std::uint8_t, kCodeSpace / 256> const property_block_of = kBlockOf;
constinit std::array<std::uint8_t, kPropertyBlocks * 256> const property_records = unpack_records();

}  // namespace tokmill::unicode::detail
