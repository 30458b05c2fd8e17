// The rules GB3 to GB11 of Unicode's text segmentation on the classes that the reference shows.
#include "normalizers/grapheme.h"

#include <array>

#include "core/utf8_decode.h"
#include "unicode/two_stage_table.h"

namespace tokmill::stages {

namespace {

enum Class : std::uint8_t {
    kOther,
    kCarriageReturn,
    kLineFeed,
    kControl,
    kExtend,
    kJoiner,
    kSpacingMark,
    kPrepend,
    kLead,
    kVowel,
    kFinal,
    kLeadVowel,
    kLeadVowelFinal,
};

constexpr std::uint8_t kClassMask = 0x0F;
// How a character takes part in an Indic conjunct.
constexpr std::uint8_t kConjunctMask = 0x30;
constexpr std::uint8_t kConsonant = 0x10;
constexpr std::uint8_t kLinker = 0x20;
constexpr std::uint8_t kConjunctExtend = 0x30;
constexpr std::uint8_t kPictographic = 0x40;

#include "normalizers/grapheme_classes.inc"

constexpr auto kNumbers = unicode::unpack_blocks(kBlocks);

std::uint8_t record_of(std::uint32_t c) noexcept {
    std::size_t const block = kBlockOf[c >> 8];
    return kRecords[kNumbers[block << 8 | (c & 0xFF)]];
}

bool is_control(Class c) noexcept {
    return c >= kCarriageReturn && c <= kControl;
}

bool joins_hangul(Class before, Class after) noexcept {
    switch (before) {
        case kLead:
            return after == kLead || after == kVowel || after >= kLeadVowel;
        case kLeadVowel:
        case kVowel:
            return after == kVowel || after == kFinal;
        case kLeadVowelFinal:
        case kFinal:
            return after == kFinal;
        default:
            return false;
    }
}

// Walks over the characters of a cluster and says where it ends.
class Cluster {
 public:
    explicit Cluster(std::uint8_t first) noexcept { take(first); }

    // Takes the next character, unless a new cluster begins with it.
    bool extend(std::uint8_t record) noexcept {
        if (is_boundary(record)) return false;
        take(record);
        return true;
    }

 private:
    bool is_boundary(std::uint8_t record) const noexcept {
        auto const before = static_cast<Class>(last_ & kClassMask);
        auto const after = static_cast<Class>(record & kClassMask);
        if (is_control(before) || is_control(after)) {
            return before != kCarriageReturn || after != kLineFeed;
        }
        if (after == kExtend || after == kJoiner || after == kSpacingMark) return false;
        if (before == kPrepend || joins_hangul(before, after)) return false;
        if ((record & kConjunctMask) == kConsonant && linked_) return false;
        return !(record & kPictographic) || !joined_;
    }

    void take(std::uint8_t record) noexcept {
        switch (record & kConjunctMask) {
            case kConsonant:
                consonant_ = true;
                linked_ = false;
                break;
            case kLinker:
                linked_ = consonant_;
                break;
            case kConjunctExtend:
                break;
            default:
                consonant_ = linked_ = false;
        }
        auto const kind = static_cast<Class>(record & kClassMask);
        joined_ = kind == kJoiner && pictographic_;
        if (kind != kExtend) pictographic_ = (record & kPictographic) != 0;
        last_ = record;
    }

    std::uint8_t last_ = 0;
    bool consonant_ = false;     // a consonant, and behind it only what may stand in a conjunct
    bool linked_ = false;        // and a linker among that
    bool pictographic_ = false;  // a pictographic character with nothing but extenders behind it
    bool joined_ = false;        // and a joiner at the end
};

}  // namespace

bool may_join_before(std::uint32_t code_point) noexcept {
    switch (record_of(code_point) & kClassMask) {
        case kExtend:
        case kJoiner:
        case kSpacingMark:
        case kVowel:
        case kFinal:
            return true;
        default:
            return false;
    }
}

bool may_join_behind(std::uint32_t code_point) noexcept {
    switch (record_of(code_point) & kClassMask) {
        case kPrepend:
        case kLead:
        case kCarriageReturn:
            return true;
        default:
            return false;
    }
}

std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept {
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
    DecodedChar c = decode_char(bytes + begin);
    Cluster cluster(record_of(c.code_point));
    std::size_t end = begin + c.size;
    while (end < text.size()) {
        c = decode_char(bytes + end);
        if (!cluster.extend(record_of(c.code_point))) break;
        end += c.size;
    }
    return end;
}

}  // namespace tokmill::stages
