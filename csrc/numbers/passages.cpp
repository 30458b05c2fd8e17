#include "numbers/passages.h"

#include <algorithm>

#include "numbers/grammar.h"

namespace tokmill::numbers {
namespace {

// In bytes. To look one up costs about as much as to take a few numbers one by one, so that long
// ones are better; but short texts and the ends of texts are to have some, too. Very long ones
// seldom come again.
constexpr std::size_t kUsual = 448;
constexpr std::size_t kShortest = 64;
constexpr std::size_t kLongest = 1024;
// So many numbers are looked at in vain before the next one is waited for.
constexpr int kTries = 16;

simd::ByteSet digit_bytes() {
    simd::ByteSet set;
    for (unsigned c = '0'; c <= '9'; ++c) set.set(c);
    return set;
}

// What may stand behind a number.
simd::ByteSet other_bytes(Scheme const& scheme) {
    simd::ByteSet set;
    for (unsigned c = 0; c < 0x80; ++c) {
        bool const is_letter = (c | 0x20) - 'a' < 26;
        bool const is_digit = c - '0' < 10;
        set.set(c, !is_letter && !is_digit && static_cast<char>(c) != scheme.point);
    }
    return set;
}

}  // namespace

PassageEnds::PassageEnds(Scheme const& scheme)
    : exist_(scheme.exempt.empty()), numbers_(digit_bytes(), other_bytes(scheme)) {
    for (std::string const& separator : scheme.separators) {
        if (separator.size() == 1) is_separator_[static_cast<unsigned char>(separator[0])] = true;
    }
}

bool PassageEnds::can_be(std::string_view text, std::size_t place) const noexcept {
    bool const may_continue = is_separator_[static_cast<unsigned char>(text[place])] &&
                              place + 1 < text.size() && Grammar::is_digit(text[place + 1]);
    return !may_continue ||
           (Grammar::is_digit(text[place - 2]) && Grammar::is_digit(text[place - 3]) &&
            Grammar::is_digit(text[place - 4]));
}

std::optional<std::size_t> PassageEnds::find(std::string_view text, std::size_t begin,
                                             std::size_t& looked) const noexcept {
    std::string_view const reach = text.substr(0, begin + kLongest);
    std::size_t const size = text.size() - begin >= 2 * kUsual ? kUsual : kShortest;
    std::size_t at = std::max(begin + size, looked);
    for (int n = 0; n < kTries && at < reach.size(); ++n) {
        std::size_t const last = numbers_.find(reach, at);
        if (last == reach.size()) {
            looked = last - 1;
            break;
        }
        at = looked = last + 1;
        if (can_be(text, at)) return at;
    }
    return std::nullopt;
}

}  // namespace tokmill::numbers
