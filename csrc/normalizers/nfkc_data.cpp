// The tables of NFKC and NFKD and their look-ups. Only decompositions that differ from the
// canonical ones are listed.
#include "normalizers/nfkc_data.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "normalizers/decomposition_table.h"
#include "unicode/two_stage_table.h"

namespace tokmill::nfkc {

namespace {

#include "normalizers/nfkc_tables.inc"

static_assert(std::size(kBlocks) == kKindBlocks, "nfkc_data.h must name the generated sizes");
static_assert(std::size(kRecords) == kKindCount, "nfkc_data.h must name the generated sizes");

constexpr std::uint16_t kCompatibility = 0x400;

constexpr auto kDecompositionStarts = decomposition_starts(kDecompositions);

}  // namespace

constinit std::array<std::uint8_t, 0x1100> const kind_block_of = kBlockOf;
constinit std::array<std::uint8_t, kKindBlocks * 256> const kind_numbers =
    unicode::unpack_blocks(kBlocks);
constinit std::array<nfc::Kind, kKindCount> const kinds = nfc::unpack_kinds(kRecords);

Decomposition decompose(std::uint32_t code_point) noexcept {
    if (!(kind_of(code_point).bits & kCompatibility)) {
        Decomposition result;
        nfc::Decomposition const canonical = nfc::decompose(code_point);
        std::copy_n(canonical.code_points.begin(), canonical.size, result.code_points.begin());
        result.size = canonical.size;
        return result;
    }
    return find_decomposition<Decomposition>(code_point, kDecompositions, kDecompositionStarts,
                                             kDecompositionPool);
}

}  // namespace tokmill::nfkc
