#include "numbers/vocabulary.h"

#include <algorithm>

#include "core/error.h"

namespace tokmill::numbers {
namespace {

std::uint32_t power_of_ten(std::uint32_t exponent) {
    std::uint32_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

std::string padded(std::uint32_t value, std::uint32_t size) {
    std::string digits = std::to_string(value);
    return digits.size() < size ? std::string(size - digits.size(), '0') + digits : digits;
}

// The paper's letters, and what its converter writes beyond them.
std::string magnitude_name(std::uint32_t power) {
    constexpr char kLetters[] = {'k', 'm', 'b', 't', 'q'};
    if (power == 0) return {};
    if (power % 3 == 0 && power <= 15) return std::string(1, kLetters[power / 3 - 1]);
    return "e" + std::to_string(power);
}

}  // namespace

NumberVocabulary::NumberVocabulary(Scheme const& scheme)
    : scheme_(scheme), grid_(scheme), by_value_(scheme.mode == Mode::context) {
    for (std::uint32_t n = 1; n + 1 < kRow; ++n) {
        shorter_[n + 1] = shorter_[n] + (n <= 5 ? power_of_ten(n) : 0);
    }
    switch (scheme.policy) {
        case Policy::left:
        case Policy::right:
            add_strings(Part::digits, 0, scheme.group, true);
            return;
        case Policy::reversed:
            for (std::uint32_t d = 0; d < 10; ++d) add(Part::units, 0, std::to_string(d));
            for (std::uint32_t d = 0; d < 10; ++d) add(Part::higher, 0, std::to_string(d));
            for (std::uint32_t i = 0; i < scheme.separators.size(); ++i) add(Part::separator, i);
            return;
        case Policy::triadic:
        case Policy::regression:
            break;
    }
    if (scheme.variant == Variant::token) {
        add_groups();
    } else {
        add_markers();
    }
    add_controls();
}

void NumberVocabulary::add(Part part, std::uint32_t place, std::string digits) {
    constexpr std::size_t kMost = std::size_t{1} << 24;
    if (tokens_.size() >= kMost) {
        throw Error(ErrorKind::invalid_tokenizer,
                    "group: groups of so many digits make more than 16 million tokens");
    }
    tokens_.push_back({part, place, std::move(digits)});
}

// All strings of up to `longest` digits; or only those that a numeral without leading zeros has:
// groups that begin one, and full ones behind them.
void NumberVocabulary::add_strings(Part part, std::uint32_t place, std::uint32_t longest,
                                   bool all) {
    for (std::uint32_t size = 1; size <= longest; ++size) {
        // The group that the limit on digits cuts short stands at the beginning only.
        bool const can_follow = part == Part::integer && size == grid_.size(place) &&
                                grid_.low(place) + size <= grid_.block();
        bool const from_zero = all || can_follow || (place == 0 && size == 1);
        std::uint32_t const first = from_zero ? 0 : power_of_ten(size - 1);
        if (part == Part::integer) {
            integer_starts_[place * kRow + size] =
                static_cast<std::uint32_t>(tokens_.size()) - first;
        }
        for (std::uint32_t value = first; value < power_of_ten(size); ++value) {
            add(part, place, padded(value, size));
        }
    }
}

void NumberVocabulary::add_values(Part part, std::uint32_t place, std::uint32_t size,
                                  bool is_padded) {
    for (std::uint32_t value = 0; value < power_of_ten(size); ++value) {
        add(part, place, is_padded ? padded(value, size) : std::to_string(value));
    }
}

void NumberVocabulary::add_groups() {
    integer_starts_.resize(grid_.groups() * kRow);
    for (std::uint32_t group = 0; group < grid_.groups(); ++group) {
        if (by_value_) {
            integer_starts_[group * kRow] = static_cast<std::uint32_t>(tokens_.size());
            add_values(Part::integer, group, grid_.size(group), false);
        } else {
            add_strings(Part::integer, group, grid_.size(group), scheme_.leading_zeros);
        }
    }
    for (std::uint32_t depth = 0; depth < fraction_groups(); ++depth) {
        fraction_starts_.push_back(static_cast<std::uint32_t>(tokens_.size()));
        if (by_value_) {
            add_values(Part::fraction, depth, fraction_size(depth), true);
        } else {
            add_strings(Part::fraction, depth, fraction_size(depth), true);
        }
    }
}

void NumberVocabulary::add_markers() {
    if (by_value_) {
        add_values(Part::digits, 0, scheme_.group, false);
    } else {
        add_strings(Part::digits, 0, scheme_.group, true);
    }
    markers_ = static_cast<std::uint32_t>(tokens_.size());
    for (std::uint32_t group = 1; group < grid_.groups(); ++group) add(Part::integer_marker, group);
    fraction_markers_ = static_cast<std::uint32_t>(tokens_.size());
    for (std::uint32_t depth = 0; depth < fraction_groups(); ++depth) {
        add(Part::fraction_marker, depth);
    }
}

void NumberVocabulary::add_controls() {
    if (by_value_) {
        lead_zeros_ = static_cast<std::uint32_t>(tokens_.size());
        for (std::uint32_t n = 1; n < scheme_.group; ++n) add(Part::lead_zeros, n);
        drop_zeros_ = static_cast<std::uint32_t>(tokens_.size());
        for (std::uint32_t n = 1; n < scheme_.group; ++n) add(Part::drop_zeros, n);
    }
    if (scheme_.overflow == Overflow::horner) {
        block_ = static_cast<std::uint32_t>(tokens_.size());
        add(Part::block, grid_.block());
    }
}

std::string NumberVocabulary::name(std::size_t index) const {
    NumberToken const& token = tokens_[index];
    auto const joined = [&](std::string const& marker) {
        return scheme_.marker_first ? marker + token.digits : token.digits + marker;
    };
    switch (token.part) {
        case Part::integer:
            if (scheme_.policy == Policy::regression) {
                return "_" + token.digits + "_" + std::to_string(token.place) + "_";
            }
            return joined(magnitude_name(grid_.low(token.place)));
        case Part::fraction:
            if (scheme_.policy == Policy::regression) {
                return "_" + token.digits + "_-" + std::to_string(token.place + 1) + "_";
            }
            return joined(std::string(token.place + 1, 'p'));
        case Part::digits:
            return token.digits;
        case Part::integer_marker:
            return magnitude_name(grid_.low(token.place));
        case Part::fraction_marker:
            return std::string(token.place + 1, 'p');
        case Part::lead_zeros:
            return "<Z" + std::to_string(token.place) + ">";
        case Part::drop_zeros:
            return "<T" + std::to_string(token.place) + ">";
        case Part::block:
            return "<E" + std::to_string(token.place) + ">";
        case Part::units:
            return token.digits + "u";
        case Part::higher:
            return token.digits + "r";
        case Part::separator:
            return scheme_.separators[token.place] + "r";
    }
    return {};
}

std::string NumberVocabulary::bytes(std::size_t index) const {
    NumberToken const& token = tokens_[index];
    // The regression scheme has no token for the point: the power says where it is.
    bool const has_point =
        scheme_.policy == Policy::regression && token.part == Part::fraction && token.place == 0;
    if (has_point) return scheme_.point + token.digits;
    if (token.part == Part::separator) return scheme_.separators[token.place];
    return token.digits;
}

int NumberVocabulary::power(std::size_t index) const noexcept {
    NumberToken const& token = tokens_[index];
    if (token.part == Part::integer) return static_cast<int>(grid_.low(token.place));
    if (token.part != Part::fraction) return 0;
    return -static_cast<int>(token.place * scheme_.group + token.digits.size());
}

}  // namespace tokmill::numbers
