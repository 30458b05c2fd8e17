// How digits become tokens, as plain data: what a user chooses (docs/numbers.md), what a saved
// tokenizer holds, what the scanner and the vocabulary of number tokens are made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill::numbers {

enum class Policy : std::uint8_t {
    triadic,     // a token is a group of digits and its order of magnitude
    regression,  // a token is a digit and its power of ten (Regression Transformer)
    left,        // groups counted from the left of a run, without a magnitude
    right,       // the same from the right
    reversed,    // single digits, units first
};

// What identifies a group of Policy::triadic: its digits as written, or its value, with what else
// is needed to write it told by its neighbours.
enum class Mode : std::uint8_t { surface, context };

// One token for digits and magnitude, or a token of each.
enum class Variant : std::uint8_t { token, marker };

// What happens to a numeral with more digits than the vocabulary has groups for.
enum class Overflow : std::uint8_t {
    plain,   // the base tokenizer gets its digits
    horner,  // blocks of digits with a token between them
    error,   // InvalidInput with the position
};

struct Scheme {
    Policy policy = Policy::triadic;
    Mode mode = Mode::surface;
    Variant variant = Variant::token;
    bool marker_first = false;
    std::uint32_t group = 3;  // digits
    // The longest numeral of the vocabulary; not always a multiple of `group`.
    std::uint32_t integer_digits = 18;
    std::uint32_t fraction_digits = 15;
    bool indian = false;         // integers are grouped 3, 2, 2, 2, ... from the right
    bool leading_zeros = false;  // whether 007 is a numeral
    Overflow overflow = Overflow::plain;
    std::vector<std::string> separators;  // of thousands; one character each, UTF-8
    char point = '.';
    std::vector<std::string> exempt;  // regular expressions: what they match is left alone
    std::uint32_t min_digits = 0;     // bare integers of up to so many digits are left alone

    bool operator==(Scheme const&) const = default;
};

// Whether digits are triads whose tokens spell them and say their magnitude: the usual scheme, for
// which there are shorter ways.
bool has_triads(Scheme const& scheme) noexcept;

// Throws invalid_tokenizer "option: reason".
void check(Scheme const& scheme);

// Canonical: equal schemes have equal forms.
std::string to_json(Scheme const& scheme);
// Throws invalid_tokenizer for anything that to_json() does not write or check() refuses.
Scheme scheme_from_json(std::string_view json);

// Where the groups of an integer begin and end, counted in digits from the right.
class Grid {
 public:
    explicit Grid(Scheme const& scheme);

    std::uint32_t groups() const noexcept { return static_cast<std::uint32_t>(low_.size()); }
    // The power of ten of the last digit of a group.
    std::uint32_t low(std::uint32_t group) const noexcept { return low_[group]; }
    // How many digits it has at most.
    std::uint32_t size(std::uint32_t group) const noexcept { return size_[group]; }
    // The group that the first of so many digits belongs to; 1 <= digits <= integer_digits.
    std::uint32_t group_of(std::uint32_t digits) const noexcept { return group_of_[digits]; }
    // Whether thousands separators fall between groups.
    bool takes_separators() const noexcept { return takes_separators_; }
    // The largest number of digits that is made of whole groups.
    std::uint32_t block() const noexcept { return block_; }

 private:
    std::vector<std::uint8_t> low_, size_, group_of_;
    std::uint32_t block_ = 0;
    bool takes_separators_ = false;
};

}  // namespace tokmill::numbers
