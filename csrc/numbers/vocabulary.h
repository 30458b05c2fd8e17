// The tokens that a scheme adds, numbered from 0: what they are, what they are called, and from
// digits to them. Their order is part of the format of saved tokenizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "numbers/scheme.h"

namespace tokmill::numbers {

enum class Part : std::uint8_t {
    integer,          // digits of group `place` of the grid
    fraction,         // digits of group `place` behind the point
    digits,           // digits whose magnitude is not said, or is said by a marker
    integer_marker,   // says that digits are of group `place` of the grid
    fraction_marker,  // the same behind the point
    lead_zeros,       // `place` zeros go before the next integer group
    drop_zeros,       // `place` zeros at the end of the next fraction group are not written
    block,            // what stands before is multiplied, what stands behind a point is divided
    units,            // the last digit of a reversed integer
    higher,           // the digits before it
    separator,        // separator `place` in a reversed integer
};

struct NumberToken {
    Part part = Part::digits;
    std::uint32_t place = 0;
    std::string digits;  // as written; what Mode::context writes depends on the neighbours

    bool operator==(NumberToken const&) const = default;
};

class NumberVocabulary {
 public:
    explicit NumberVocabulary(Scheme const& scheme);

    Scheme const& scheme() const noexcept { return scheme_; }
    std::size_t size() const noexcept { return tokens_.size(); }
    NumberToken const& operator[](std::size_t index) const noexcept { return tokens_[index]; }

    // Paper notation: 12k, 345, 4pp; <Z1>, <T1>, <E18>; _7_3_ of Policy::regression.
    std::string name(std::size_t index) const;
    // What it writes on its own.
    std::string bytes(std::size_t index) const;
    // The power of ten that `digits` are to be multiplied with; of Part::integer and fraction.
    int power(std::size_t index) const noexcept;

    // --- from digits (as many as the group takes) to tokens ------------------------------------

    std::uint32_t integer(std::uint32_t group, std::string_view digits) const noexcept {
        return integer_starts_[group * kRow + (by_value_ ? 0 : digits.size())] + value_of(digits);
    }
    // Of Mode::surface, by the number of digits and their value.
    std::uint32_t integer(std::uint32_t group, std::size_t size,
                          std::uint32_t value) const noexcept {
        return integer_starts_[group * kRow + size] + value;
    }
    std::uint32_t fraction(std::uint32_t depth, std::size_t size,
                           std::uint32_t value) const noexcept {
        return fraction_starts_[depth] + shorter_[size] + value;
    }
    // Mode::context: `digits` are filled up with zeros.
    std::uint32_t fraction(std::uint32_t depth, std::string_view digits) const noexcept {
        return fraction_starts_[depth] + (by_value_ ? filled(digits, fraction_size(depth))
                                                    : shorter_[digits.size()] + value_of(digits));
    }
    // Of Variant::marker and of policies without magnitudes.
    std::uint32_t digits(std::string_view digits) const noexcept {
        return (by_value_ ? 0 : shorter_[digits.size()]) + value_of(digits);
    }
    std::uint32_t fraction_digits(std::uint32_t depth, std::string_view digits) const noexcept {
        return by_value_ ? filled(digits, fraction_size(depth)) : this->digits(digits);
    }
    std::uint32_t integer_marker(std::uint32_t group) const noexcept {
        return markers_ + group - 1;
    }
    std::uint32_t fraction_marker(std::uint32_t depth) const noexcept {
        return fraction_markers_ + depth;
    }
    std::uint32_t lead_zeros(std::size_t count) const noexcept {
        return lead_zeros_ + static_cast<std::uint32_t>(count) - 1;
    }
    std::uint32_t drop_zeros(std::size_t count) const noexcept {
        return drop_zeros_ + static_cast<std::uint32_t>(count) - 1;
    }
    std::uint32_t block() const noexcept { return block_; }
    std::uint32_t units(char digit) const noexcept {
        return static_cast<std::uint32_t>(digit - '0');
    }
    std::uint32_t higher(char digit) const noexcept {
        return 10 + static_cast<std::uint32_t>(digit - '0');
    }
    std::uint32_t separator(std::uint8_t place) const noexcept { return 20u + place; }

    // How many digits a group behind the point has at most.
    std::uint32_t fraction_size(std::uint32_t depth) const noexcept {
        std::uint32_t const left = scheme_.fraction_digits - depth * scheme_.group;
        return left < scheme_.group ? left : scheme_.group;
    }
    std::uint32_t fraction_groups() const noexcept {
        return (scheme_.fraction_digits + scheme_.group - 1) / scheme_.group;
    }
    Grid const& grid() const noexcept { return grid_; }

    // The value of three digits.
    static std::uint32_t triad(char const* digits) noexcept {
        auto const digit = [&](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(digits[i]));
        };
        return digit(0) * 100 + digit(1) * 10 + digit(2) - '0' * 111u;
    }
    // The value of the digits with zeros behind them.
    static std::uint32_t filled(std::string_view digits, std::size_t size) noexcept {
        std::uint32_t value = value_of(digits);
        for (std::size_t n = digits.size(); n < size; ++n) value *= 10;
        return value;
    }
    static std::uint32_t value_of(std::string_view digits) noexcept {
        if (digits.size() == 3) return triad(digits.data());
        std::uint32_t value = 0;
        for (char const c : digits) value = value * 10 + static_cast<std::uint32_t>(c - '0');
        return value;
    }

 private:
    static constexpr std::size_t kRow = 8;  // more than any group has digits

    void add(Part part, std::uint32_t place, std::string digits = {});
    void add_strings(Part part, std::uint32_t place, std::uint32_t longest, bool all);
    void add_values(Part part, std::uint32_t place, std::uint32_t size, bool padded);
    void add_groups();
    void add_markers();
    void add_controls();

    Scheme scheme_;
    Grid grid_;
    bool by_value_;
    std::vector<NumberToken> tokens_;
    // The token of the value 0 of so many digits, had it one, for each group.
    std::vector<std::uint32_t> integer_starts_;
    std::vector<std::uint32_t> fraction_starts_;
    std::uint32_t shorter_[kRow] = {};  // how many strings of fewer digits there are
    std::uint32_t markers_ = 0, fraction_markers_ = 0;
    std::uint32_t lead_zeros_ = 0, drop_zeros_ = 0, block_ = 0;
};

}  // namespace tokmill::numbers
