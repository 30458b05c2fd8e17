#include "numbers/grammar.h"

#include <algorithm>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "simd/utf8.h"
#include "unicode/properties.h"

namespace tokmill::numbers {
namespace {

simd::ByteSet digit_bytes() {
    simd::ByteSet set;
    for (unsigned c = '0'; c <= '9'; ++c) set.set(c);
    return set;
}

bool is_ascii_letter(char c) noexcept {
    return static_cast<unsigned char>((c | 0x20) - 'a') < 26;
}

// The category of the character that ends at `at`, which is not ASCII; Cn for bytes that are not
// UTF-8.
unicode::Category category_before(std::string_view text, std::size_t at) noexcept {
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 &&
           is_continuation(static_cast<unsigned char>(text[begin]))) {
        --begin;
    }
    std::string_view const character = text.substr(begin, at - begin);
    if (simd::valid_utf8_prefix(character) != character.size()) return unicode::Category::Cn;
    return unicode::category(
        decode_char(reinterpret_cast<unsigned char const*>(character.data())).code_point);
}

}  // namespace

Grammar::Grammar(Scheme const& scheme)
    : scheme_(scheme), easy_rules_(scheme), digits_(digit_bytes()) {
    bool const has_magnitudes =
        scheme.policy == Policy::triadic || scheme.policy == Policy::regression;
    limited_ = has_magnitudes && scheme.overflow != Overflow::horner;
    takes_separators_ = !has_magnitudes || Grid(scheme).takes_separators();
    if (scheme.exempt.empty() && scheme.min_digits == 0) {
        constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);
        sure_integer_digits_ = limited_ ? scheme.integer_digits : kUnlimited;
        sure_fraction_digits_ = limited_ ? scheme.fraction_digits : kUnlimited;
    }
    for (std::string const& pattern : scheme.exempt) {
        exempt_.push_back(stages::Pattern::regex(pattern));
    }
    for (std::string const& separator : scheme.separators) {
        begins_separator_[static_cast<unsigned char>(separator.front())] = true;
        ends_separator_[static_cast<unsigned char>(separator.back())] = true;
    }
}

Grammar::Exempt Grammar::find_exempt(std::string_view text) const {
    Exempt exempt;
    if (exempt_.empty()) return exempt;
    text = text.substr(0, simd::valid_utf8_prefix(text));
    for (stages::Pattern const& pattern : exempt_) pattern.find_all(text, exempt.spans);
    std::sort(exempt.spans.begin(), exempt.spans.end(),
              [](Span a, Span b) { return a.begin < b.begin; });
    std::size_t kept = 0;
    for (Span const& span : exempt.spans) {
        if (span.size() == 0) continue;
        if (kept > 0 && span.begin <= exempt.spans[kept - 1].end) {
            exempt.spans[kept - 1].end = std::max(exempt.spans[kept - 1].end, span.end);
        } else {
            exempt.spans[kept++] = span;
        }
    }
    exempt.spans.resize(kept);
    return exempt;
}

bool Grammar::follows_wide_name(std::string_view text, std::size_t at) noexcept {
    auto const category = category_before(text, at);
    return unicode::is_letter(category) || unicode::is_mark(category) ||
           unicode::is_number(category);
}

bool Grammar::blocks_leading_point(std::string_view text, std::size_t at) const noexcept {
    if (at == 0) return false;
    char const before = text[at - 1];
    if (static_cast<unsigned char>(before) < 0x80) {
        return is_digit(before) || is_ascii_letter(before) || before == scheme_.point ||
               before == '.' || before == ')' || before == ']';
    }
    return follows_name(text, at);
}

std::size_t Grammar::literal_end(std::string_view text, std::size_t at) noexcept {
    auto const is_alnum = [](char c) { return is_digit(c) || is_ascii_letter(c); };
    std::size_t end = at + 2;
    if (end >= text.size() || !is_alnum(text[end])) return at;
    char const base = static_cast<char>(text[at + 1] | 0x20);
    if (base != 'x' && base != 'b' && base != 'o') return at;
    while (end < text.size() && is_alnum(text[end])) ++end;
    return end;
}

std::uint8_t Grammar::separator_at(std::string_view text, std::size_t at) const noexcept {
    if (at >= text.size() || !begins_separator_[static_cast<unsigned char>(text[at])]) {
        return Numeral::kNoSeparator;
    }
    for (std::size_t i = 0; i < scheme_.separators.size(); ++i) {
        if (text.substr(at).starts_with(scheme_.separators[i])) return static_cast<std::uint8_t>(i);
    }
    return Numeral::kNoSeparator;
}

bool Grammar::separator_and_digit(std::string_view text, std::size_t at) const noexcept {
    std::uint8_t const separator = separator_at(text, at);
    if (separator == Numeral::kNoSeparator) return false;
    std::size_t const behind = at + scheme_.separators[separator].size();
    return behind < text.size() && is_digit(text[behind]);
}

bool Grammar::follows_separated_digit(std::string_view text, std::size_t at) const noexcept {
    if (at == 0 || !ends_separator_[static_cast<unsigned char>(text[at - 1])]) return false;
    std::string_view const before = text.substr(0, at);
    for (std::string const& separator : scheme_.separators) {
        if (before.size() > separator.size() && before.ends_with(separator) &&
            is_digit(before[before.size() - separator.size() - 1])) {
            return true;
        }
    }
    return false;
}

bool Grammar::grouped_at(std::string_view text, std::size_t at, std::size_t int_end,
                         Numeral& numeral) const noexcept {
    std::size_t const most = scheme_.indian ? 2 : 3;
    if (int_end - at > most || text[at] == '0') return false;
    std::uint8_t const separator = separator_at(text, int_end);
    if (separator == Numeral::kNoSeparator || follows_separated_digit(text, at)) return false;
    std::string_view const between = scheme_.separators[separator];
    std::size_t end = int_end;
    std::size_t digits = int_end - at;
    std::size_t last = 0;  // digits of the last group
    for (;;) {
        std::size_t const begin = end + between.size();
        if (begin >= text.size() || !text.substr(end).starts_with(between) ||
            !is_digit(text[begin])) {
            break;
        }
        std::size_t const size = run_end(text, begin) - begin;
        // Three digits; between Indian groups, two.
        if (scheme_.indian ? last == 3 || (size != 2 && size != 3) : size != 3) return false;
        last = size;
        digits += size;
        end = begin + size;
    }
    if (last != 3 || separator_and_digit(text, end)) return false;
    numeral.int_end = numeral.end = numeral.frac_begin = end;
    if (point_and_digit(text, end)) {
        std::size_t const frac_end = run_end(text, end + 1);
        if (point_and_digit(text, frac_end)) return false;
        numeral.frac_begin = end + 1;
        numeral.end = frac_end;
    }
    numeral.int_digits = digits;
    numeral.separator = separator;
    return true;
}

void Grammar::judge_closely(std::string_view text, Numeral& numeral, bool bare,
                            Exempt& exempt) const {
    // The spans are asked for in order whatever else is known already.
    bool const is_exempt = !exempt.spans.empty() && exempt.touches(numeral.begin, numeral.end);
    if (numeral.plain != Plain::no) return;
    if (is_exempt) {
        numeral.plain = Plain::exempt;
    } else if (numeral.int_digits > 1 && text[numeral.begin] == '0' && !scheme_.leading_zeros) {
        numeral.plain = Plain::leading_zero;
    } else if (bare && numeral.int_digits <= scheme_.min_digits) {
        numeral.plain = Plain::few;
    } else if (limited_ && (numeral.int_digits > scheme_.integer_digits ||
                            numeral.fraction_digits() > scheme_.fraction_digits)) {
        if (scheme_.overflow == Overflow::error) refuse_overflow(numeral);
        numeral.plain = Plain::overflow;
    } else if (numeral.separator != Numeral::kNoSeparator && !takes_separators_) {
        numeral.plain = Plain::misaligned;
    }
}

void Grammar::refuse_overflow(Numeral const& numeral) const {
    throw Error(ErrorKind::invalid_input,
                "a numeral of " + std::to_string(numeral.int_digits) + " and " +
                    std::to_string(numeral.fraction_digits()) +
                    " digits before and behind the point at byte " + std::to_string(numeral.begin) +
                    "; the digit scheme has room for " + std::to_string(scheme_.integer_digits) +
                    " and " + std::to_string(scheme_.fraction_digits),
                numeral.begin);
}

}  // namespace tokmill::numbers
