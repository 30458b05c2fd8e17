// The tables of NFKC and NFKD and their look-ups. Only decompositions that differ from the
// canonical ones are listed.
#include "normalizers/nfkc_data.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "unicode/two_stage_table.h"

namespace tokmill::nfkc {

namespace {

// The decompositions are sorted by code point and lie one behind the other in kDecompositionPool.
struct DecompositionLength {
    std::uint32_t code_point;
    std::uint8_t length;
};

#include "normalizers/nfkc_tables.inc"

static_assert(std::size(kBlocks) == kKindBlocks, "nfkc_data.h must name the generated sizes");
static_assert(std::size(kRecords) == kKindCount, "nfkc_data.h must name the generated sizes");

constexpr std::uint16_t kCompatibility = 0x400;

constexpr auto unpack_kinds() {
    std::array<nfc::Kind, std::size(kRecords)> unpacked{};
    for (std::size_t i = 0; i < unpacked.size(); ++i) unpacked[i] = nfc::Kind{kRecords[i]};
    return unpacked;
}

constexpr auto decomposition_starts() {
    std::array<std::uint16_t, std::size(kDecompositions)> starts{};
    std::size_t next = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        starts[i] = static_cast<std::uint16_t>(next);
        next += kDecompositions[i].length;
    }
    return starts;
}

constexpr auto kDecompositionStarts = decomposition_starts();

}  // namespace

constinit std::array<std::uint8_t, 0x1100> const kind_block_of = kBlockOf;
constinit std::array<std::uint8_t, kKindBlocks * 256> const kind_numbers =
    unicode::unpack_blocks(kBlocks);
constinit std::array<nfc::Kind, kKindCount> const kinds = unpack_kinds();

Decomposition decompose(std::uint32_t code_point) noexcept {
    Decomposition result;
    if (!(kind_of(code_point).bits & kCompatibility)) {
        nfc::Decomposition const canonical = nfc::decompose(code_point);
        std::copy_n(canonical.code_points.begin(), canonical.size, result.code_points.begin());
        result.size = canonical.size;
        return result;
    }
    auto const* found =
        std::ranges::lower_bound(kDecompositions, code_point, {}, &DecompositionLength::code_point);
    std::size_t const start =
        kDecompositionStarts[static_cast<std::size_t>(found - kDecompositions)];
    result.size = found->length;
    std::copy_n(kDecompositionPool + start, result.size, result.code_points.begin());
    return result;
}

}  // namespace tokmill::nfkc
