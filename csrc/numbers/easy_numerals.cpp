#include "numbers/easy_numerals.h"

#include <algorithm>
#include <cstring>

#include "simd/block64.h"

namespace tokmill::numbers {

EasyRules::EasyRules(Scheme const& scheme)
    : apply(has_triads(scheme) && scheme.integer_digits >= kMostInteger && scheme.exempt.empty() &&
            scheme.min_digits == 0),
      point(scheme.point),
      most_fraction(std::min(scheme.fraction_digits, kMostFraction)) {
    for (std::size_t c = 0; c < 256; ++c) {
        bool const is_letter = (c | 0x20) - 'a' < 26;
        // A letter behind it: an exponent, a literal. Wide characters: letters and separators.
        if (is_letter || c >= 0x80) in_front[c] = behind[c] = kHard;
    }
    for (char const c : {'_', '.', scheme.point}) in_front[static_cast<unsigned char>(c)] |= kHard;
    for (char const c : {')', ']'}) in_front[static_cast<unsigned char>(c)] |= kBlocksPoint;
    for (std::string const& separator : scheme.separators) {
        auto const c = static_cast<unsigned char>(separator.front());
        in_front[c] |= kSeparates;
        behind[c] |= kSeparates;
    }
}

void EasyNumerals::load(std::size_t at) noexcept {
    std::size_t const left = text_.size() - at;
    bytes_ = text_.data() + at;
    if (left < sizeof last_) {
        // What is at the end of the text is for the Grammar.
        std::memset(last_, 'a', sizeof last_);
        std::memcpy(last_, bytes_, left);
        bytes_ = last_;
    }
    auto const block = simd::BaselineBlock::load(reinterpret_cast<unsigned char const*>(bytes_));
    digits_ = block.in_range('0', 10);
    points_ = block.equal(static_cast<unsigned char>(rules_.point));
    begin_ = at;
    used_ = 0;
}

}  // namespace tokmill::numbers
