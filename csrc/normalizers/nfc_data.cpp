// The tables of NFC and their look-ups. Hangul syllables are computed, as chapter 3.12 of the
// Unicode Standard describes; everything else is listed.
#include "normalizers/nfc_data.h"

#include <iterator>
#include <string_view>

#include "normalizers/decomposition_table.h"
#include "unicode/two_stage_table.h"

namespace tokmill::nfc {

namespace {

struct Composition {
    std::uint32_t first;
    std::uint32_t second;
    std::uint32_t composite;
};

#include "normalizers/nfc_tables.inc"

static_assert(std::size(kBlocks) == kKindBlocks, "nfc_data.h must name the generated sizes");

constexpr auto kDecompositionStarts = decomposition_starts(kDecompositions);

// Open addressing with linear probing; 0 in `composite` marks a free slot.
constexpr std::size_t kSlots = 2048;

constexpr std::size_t slot_of(std::uint32_t first, std::uint32_t second) {
    return (first * 0x9E3779B1u ^ second * 0x85EBCA6Bu) >> 21;
}
static_assert(std::size(kCompositions) * 2 < kSlots && kSlots == std::size_t{1} << (32 - 21));

constexpr std::array<Composition, kSlots> hash_compositions() {
    std::array<Composition, kSlots> slots{};
    for (Composition const& pair : kCompositions) {
        std::size_t slot = slot_of(pair.first, pair.second);
        while (slots[slot].composite != 0) slot = (slot + 1) % kSlots;
        slots[slot] = pair;
    }
    return slots;
}

constexpr auto kCompositionSlots = hash_compositions();

// Hangul: lead consonant, vowel, optional final consonant. kFinalBase itself is no final consonant.
constexpr std::uint32_t kSyllableBase = 0xAC00;
constexpr std::uint32_t kLeadBase = 0x1100;
constexpr std::uint32_t kVowelBase = 0x1161;
constexpr std::uint32_t kFinalBase = 0x11A7;
constexpr std::uint32_t kLeads = 19;
constexpr std::uint32_t kVowels = 21;
constexpr std::uint32_t kFinals = 28;
constexpr std::uint32_t kSyllables = kLeads * kVowels * kFinals;

Decomposition decompose_syllable(std::uint32_t syllable) noexcept {
    std::uint32_t const final_consonant = syllable % kFinals;
    return {{kLeadBase + syllable / (kVowels * kFinals), kVowelBase + syllable / kFinals % kVowels,
             kFinalBase + final_consonant, 0},
            final_consonant == 0 ? std::size_t{2} : std::size_t{3}};
}

}  // namespace

constinit std::array<std::uint8_t, 0x1100> const kind_block_of = kBlockOf;
constinit std::array<std::uint8_t, kKindBlocks * 256> const kind_numbers =
    unicode::unpack_blocks(kBlocks);
constinit std::array<Kind, kKindCount> const kinds = unpack_kinds(kRecords);

Decomposition decompose(std::uint32_t code_point) noexcept {
    if (code_point - kSyllableBase < kSyllables)
        return decompose_syllable(code_point - kSyllableBase);
    return find_decomposition<Decomposition>(code_point, kDecompositions, kDecompositionStarts,
                                             kDecompositionPool);
}

std::uint32_t compose(std::uint32_t first, std::uint32_t second) noexcept {
    if (second - kVowelBase < kVowels && first - kLeadBase < kLeads) {
        return kSyllableBase + ((first - kLeadBase) * kVowels + (second - kVowelBase)) * kFinals;
    }
    if (second - (kFinalBase + 1) < kFinals - 1 && first - kSyllableBase < kSyllables &&
        (first - kSyllableBase) % kFinals == 0) {
        return first + (second - kFinalBase);
    }
    for (std::size_t slot = slot_of(first, second);; slot = (slot + 1) % kSlots) {
        Composition const& pair = kCompositionSlots[slot];
        if (pair.composite == 0) return 0;
        if (pair.first == first && pair.second == second) return pair.composite;
    }
}

}  // namespace tokmill::nfc
