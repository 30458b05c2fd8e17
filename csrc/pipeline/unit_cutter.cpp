#include "pipeline/unit_cutter.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>

#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "simd/block64.h"
#include "unicode/properties.h"

namespace tokmill::stages {
namespace {

// Baseline vectors are enough: most of the time goes into the units themselves.
using Block = simd::BaselineBlock;

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLeastBits = std::size_t{1} << 12;  // of a PairFilter
constexpr std::size_t kMostBits = std::size_t{1} << 22;
constexpr std::size_t kFar = std::size_t{1} << 31;
constexpr std::ptrdiff_t kLongest = 240;  // of a unit of lone characters

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

// The character that ends at `end`; there is one.
unsigned char const* previous(unsigned char const* end) {
    do --end;
    while (is_continuation(*end));
    return end;
}

// As BertNormalizer has them.
bool is_ideograph(std::uint32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

// Characters that join the one behind them to a grapheme (Prepend, any Unicode version), so that a
// normalizer that works on graphemes could look across. Broad: whole blocks where they are.
bool may_join_next(std::uint32_t c) {
    return (c >= 0x0600 && c <= 0x0605) || c == 0x06DD || c == 0x070F || c == 0x0890 ||
           c == 0x0891 || c == 0x08E2 || c == 0x0D4E || c == 0x200D ||
           (c >= 0x110BD && c <= 0x11FFF) || c >= 0xE0000;
}

bool is_graphic_ascii(std::uint32_t c) {
    return c > 0x20 && c < 0x7F;
}

std::uint32_t as_in_tokens(std::uint32_t c) {
    return c == ' ' ? kSpaceMark : c;
}

bool begins_or_ends_word(std::uint32_t c) {
    return c == kSpaceMark || c == '\n';
}

// Of a character as it is in tokens; nothing for controls and whatever is not ASCII.
std::optional<AsciiClass> class_of(std::uint32_t c) {
    if (c == kSpaceMark) return AsciiClass::space;
    if (c == '\n') return AsciiClass::line_feed;
    if (!is_graphic_ascii(c)) return std::nullopt;
    if (c >= '0' && c <= '9') return AsciiClass::digit;
    bool const is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return is_letter ? AsciiClass::letter : AsciiClass::sign;
}

}  // namespace

void PairFilter::add(std::string_view text) {
    unsigned char const* at = bytes_of(text);
    unsigned char const* const end = at + text.size();
    std::uint32_t last = 0;
    std::optional<AsciiClass> last_kind;
    bool has_last = false;
    while (at < end) {
        DecodedChar const decoded = decode_char(at);
        std::uint32_t const c = as_in_tokens(decoded.code_point);
        bool const is_asked_for =
            begins_or_ends_word(last) || begins_or_ends_word(c) || (last >= 0x80 && c >= 0x800);
        std::optional<AsciiClass> const kind = class_of(c);
        if (last_kind && kind) {
            met_[static_cast<std::size_t>(*last_kind)][static_cast<std::size_t>(*kind)] = true;
        }
        if (has_last && is_asked_for) products_.push_back(product(last, c));
        last = c;
        last_kind = kind;
        has_last = true;
        at += decoded.size;
    }
}

void PairFilter::finish() {
    // Small enough to stay near the processor, large enough to err in one pair of 32 at most.
    std::sort(products_.begin(), products_.end());
    auto const end = std::unique(products_.begin(), products_.end());
    auto const count = static_cast<std::size_t>(end - products_.begin());
    std::size_t const size = std::clamp(std::bit_ceil(count * 32), kLeastBits, kMostBits);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(size));
    bits_.assign(size / 64, 0);
    for (std::uint64_t const product : products_) {
        std::uint64_t const bit = product >> shift_;
        bits_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
    }
    products_ = {};
}

bool LoneCharacters::begin(std::string_view unit) const noexcept {
    unsigned char const* const bytes = bytes_of(unit);
    return !unit.empty() && *bytes >= 0xE0 && hold(decode_char(bytes).code_point);
}

SolidCharacters::SolidCharacters(NormalizerPtr normalizer)
    : normalizer_(std::move(normalizer)),
      known_(std::make_unique<std::atomic<std::uint8_t>[]>(unicode::kCodeSpace)) {}

bool SolidCharacters::find_out(std::uint32_t code_point) const {
    if (code_point < 0x80 ? !is_graphic_ascii(code_point)
                          : unicode::is_white_space(code_point) || may_join_next(code_point)) {
        return false;
    }
    std::string text;
    append_utf8(code_point, text);
    if (normalizer_ != nullptr) normalizer_->normalize(text);
    if (text.empty()) return false;
    std::uint32_t const last = decode_char(previous(bytes_of(text) + text.size())).code_point;
    return last > 0x20 && last != kSpaceMark && !unicode::is_white_space(last);
}

bool SolidCharacters::holds(std::uint32_t code_point) const {
    std::atomic<std::uint8_t>& known = known_[code_point];
    std::uint8_t answer = known.load(std::memory_order_relaxed);
    if (answer == 0) {
        answer = find_out(code_point) ? 2 : 1;
        known.store(answer, std::memory_order_relaxed);
    }
    return answer == 2;
}

bool SolidCharacters::before(unsigned char const* begin, unsigned char const* end) const {
    // A mark may be swallowed by what becomes of its base, so that must be solid as well.
    for (int n = 0; n < 8 && end > begin; ++n) {
        end = previous(end);
        std::uint32_t const c = decode_char(end).code_point;
        if (!holds(c)) return false;
        unicode::Category const category = unicode::category(c);
        if (unicode::is_letter(category) || unicode::is_number(category) || c < 0x80) return true;
    }
    return false;
}

bool SolidCharacters::hold_ascii() const {
    for (std::uint32_t c = 0; c < 0x80; ++c) {
        if (is_graphic_ascii(c) && !holds(c)) return false;
    }
    return true;
}

// 64 bytes of a text; bit i stands for a cut before byte i.
struct UnitCutter::Window {
    Block block;
    unsigned char const* at;     // byte 0
    unsigned char const* begin;  // of the unit that the search began with
    unsigned char const* end;    // of the text
    std::uint64_t inside;        // bytes before the end

    unsigned char last() const noexcept { return at > begin ? at[-1] : 0; }
};

std::uint64_t UnitCutter::cuts_at_spaces(Window const& window) const {
    std::uint64_t spaces = window.block.equal(' ');
    if (rules_.at_line_breaks) {
        spaces |= window.block.equal('\n') | window.block.equal('\r') | window.block.equal('\t');
    }
    if (spaces == 0) return 0;
    std::uint64_t const graphic = window.block.in_range(0x21, 0x7F - 0x21);
    std::uint64_t const other = window.block.non_ascii();
    std::uint64_t const behind = graphic << 1 | std::uint64_t{is_graphic_ascii(window.last())};
    std::uint64_t const behind_other = other << 1 | std::uint64_t{window.last() >= 0x80};
    std::uint64_t result = spaces & behind;
    for (std::uint64_t rest = spaces & behind_other & window.inside; rest != 0; rest &= rest - 1) {
        int const bit = std::countr_zero(rest);
        if (rules_.solid->before(window.begin, window.at + bit)) result |= rest & -rest;
    }
    return result;
}

std::uint64_t UnitCutter::cuts_at_ideographs(Window const& window) const {
    // Their first bytes are E3 to E9, EF and F0.
    std::uint64_t leads =
        (window.block.in_range(0xE3, 7) | window.block.equal(0xEF) | window.block.equal(0xF0)) &
        window.inside;
    std::uint64_t result = 0;
    for (; leads != 0; leads &= leads - 1) {
        int const bit = std::countr_zero(leads);
        DecodedChar const c = decode_char(window.at + bit);
        if (!is_ideograph(c.code_point)) continue;
        result |= std::uint64_t{1} << bit;
        if (bit + static_cast<int>(c.size) < 64) result |= std::uint64_t{1} << (bit + c.size);
    }
    // One that ends where the window begins.
    if (window.last() >= 0x80 && is_ideograph(decode_char(previous(window.at)).code_point) &&
        !is_continuation(*window.at)) {
        result |= 1;
    }
    // One that began before it and ends within.
    if (window.at > window.begin && is_continuation(*window.at)) {
        unsigned char const* const start = previous(window.at + 1);
        DecodedChar const c = decode_char(start);
        if (start >= window.begin && is_ideograph(c.code_point)) {
            result |= std::uint64_t{1} << (start + c.size - window.at);
        }
    }
    return result;
}

namespace {

// Whether units are better for a cut there. Digits stay with what they stand beside: numbers seldom
// come again, and what is made of them is soon made.
bool is_wanted(AsciiClass first, AsciiClass second) {
    if (first == AsciiClass::line_feed || second == AsciiClass::line_feed) return true;
    if (second == AsciiClass::space) return first != AsciiClass::space;
    return (first == AsciiClass::letter && second == AsciiClass::sign) ||
           (first == AsciiClass::sign && second == AsciiClass::letter);
}

}  // namespace

UnitCutter::UnitCutter(UnitRules rules) : rules_(std::move(rules)) {
    if (rules_.pairs == nullptr) return;
    for (std::size_t i = 0; i < kAsciiClasses; ++i) {
        for (std::size_t k = 0; k < kAsciiClasses; ++k) {
            auto const first = static_cast<AsciiClass>(i), second = static_cast<AsciiClass>(k);
            bool const cuts = is_wanted(first, second) && rules_.pairs->never_meet(first, second);
            cuts_[i][k] = cuts ? ~std::uint64_t{0} : 0;
        }
    }
}

// The last unit so far.
struct UnitCutter::OpenUnit {
    unsigned char const* begin;
    bool is_lone;  // it begins with a lone character
};

bool UnitCutter::may_meet(std::uint32_t before, std::uint32_t behind) const {
    return rules_.pairs->may_hold(as_in_tokens(before), as_in_tokens(behind));
}

bool UnitCutter::can_cut(unsigned char const* at) const {
    std::uint32_t const before = as_in_tokens(decode_char(previous(at)).code_point);
    std::uint32_t const behind = as_in_tokens(decode_char(at).code_point);
    auto const first = class_of(before), second = class_of(behind);
    if (first && second) return rules_.pairs->never_meet(*first, *second);
    if (begins_or_ends_word(before) || begins_or_ends_word(behind))
        return !may_meet(before, behind);
    // The filter does not know other pairs.
    if (before < 0x80 || behind < 0x800) return false;
    return rules_.lone->hold(before) || rules_.lone->hold(behind) || !may_meet(before, behind);
}

std::uint64_t UnitCutter::cuts_between_classes(Window const& window) const {
    std::uint64_t const graphic = window.block.in_range(0x21, 0x7F - 0x21);
    std::uint64_t const digits = window.block.in_range('0', 10);
    std::uint64_t const letters = window.block.in_range('A', 26) | window.block.in_range('a', 26);
    std::uint64_t const masks[kAsciiClasses] = {window.block.equal(' '), window.block.equal('\n'),
                                                letters, digits, graphic & ~letters & ~digits};
    std::optional<AsciiClass> const last = class_of(as_in_tokens(window.last()));
    std::uint64_t result = 0;
    for (std::size_t i = 0; i < kAsciiClasses; ++i) {
        std::uint64_t allowed = 0;
        for (std::size_t k = 0; k < kAsciiClasses; ++k) allowed |= masks[k] & cuts_[i][k];
        bool const is_last = last == static_cast<AsciiClass>(i);
        result |= allowed & (masks[i] << 1 | std::uint64_t{is_last});
    }
    return result & window.inside;
}

std::uint64_t UnitCutter::cuts_between_pairs(Window const& window, OpenUnit& open) const {
    std::uint64_t const spaces = window.block.equal(' ');
    std::uint64_t const breaks = window.block.equal('\n');
    std::uint64_t const last_break = std::uint64_t{window.last() == '\n'};
    std::uint64_t candidates = spaces | breaks | breaks << 1 | last_break;
    std::uint64_t const sure = cuts_between_classes(window);
    if (std::uint64_t const other = window.block.non_ascii(); other != 0) {
        // Scripts that are written without spaces take three bytes and more a character.
        std::uint64_t const behind = other << 1 | std::uint64_t{window.last() >= 0x80};
        candidates |= sure | (window.block.in_range(0xE0, 0x20) & behind);
        return cuts_in_scripts(window, candidates & window.inside, sure, open);
    }
    std::uint64_t result = sure;
    for (std::uint64_t rest = candidates & ~sure & window.inside; rest != 0; rest &= rest - 1) {
        unsigned char const* const at = window.at + std::countr_zero(rest);
        if (at == window.begin) continue;
        if (!may_meet(decode_char(previous(at)).code_point, *at)) result |= rest & -rest;
    }
    if (result != 0) open.is_lone = false;
    return result;
}

std::uint64_t UnitCutter::cuts_in_scripts(Window const& window, std::uint64_t candidates,
                                          std::uint64_t sure, OpenUnit& open) const {
    std::uint64_t result = sure;
    for (std::uint64_t rest = candidates; rest != 0; rest &= rest - 1) {
        std::uint64_t const bit = rest & -rest;
        unsigned char const* const at = window.at + std::countr_zero(rest);
        bool is_lone = false;
        if ((bit & sure) == 0) {
            if (at == window.begin || is_continuation(*at)) continue;
            std::uint32_t const behind = decode_char(at).code_point;
            is_lone = rules_.lone->hold(behind);
            if (is_lone) {
                if (open.is_lone && at - open.begin < kLongest) continue;
            } else {
                std::uint32_t const before = decode_char(previous(at)).code_point;
                bool const is_certain = rules_.lone->hold(before);
                if (!is_certain && may_meet(before, behind)) continue;
            }
            result |= bit;
        }
        open = {at, is_lone};
    }
    return result;
}

std::uint64_t UnitCutter::cuts(Window const& window, OpenUnit& open) const {
    if (!rules_.at_spaces) return cuts_between_pairs(window, open);
    std::uint64_t result = cuts_at_spaces(window);
    if (rules_.at_ideographs) result |= cuts_at_ideographs(window);
    return result & window.inside;
}

std::size_t UnitCutter::cut(unsigned char const* base, unsigned char const*& cursor,
                            unsigned char const* end, std::uint32_t* starts,
                            std::size_t capacity) const {
    unsigned char const* const begin = cursor;
    std::string_view const text(reinterpret_cast<char const*>(begin),
                                static_cast<std::size_t>(end - begin));
    OpenUnit open{begin, rules_.lone != nullptr && rules_.lone->begin(text)};
    std::size_t count = 0;
    starts[count++] = static_cast<std::uint32_t>(begin - base);
    for (unsigned char const* at = begin; at < end; at += kBlock) {
        if (count + kBlock > capacity && count > 1) {
            // The last unit is not complete yet: it comes with the next call.
            cursor = base + starts[--count];
            return count;
        }
        auto const left = static_cast<std::size_t>(end - at);
        unsigned char tail[kBlock] = {};
        if (left < kBlock) std::memcpy(tail, at, left);
        Window const window{Block::load(left < kBlock ? tail : at), at, begin, end,
                            left < kBlock ? (std::uint64_t{1} << left) - 1 : ~std::uint64_t{0}};
        std::uint64_t mask = cuts(window, open);
        if (at == begin) mask &= ~std::uint64_t{1};
        if (mask == 0) continue;
        if (static_cast<std::size_t>(at - base) > kFar) {
            // What comes behind the next cut may be out of reach of 32 bits.
            if (count > 1) {
                cursor = base + starts[--count];
            } else {
                cursor = at + std::countr_zero(mask);
            }
            return count;
        }
        Block::write_positions(mask, static_cast<std::uint32_t>(at - base), starts + count);
        count += static_cast<std::size_t>(std::popcount(mask));
    }
    cursor = end;
    return count;
}

}  // namespace tokmill::stages
