#include "core/serde_number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace tokmill::json {

namespace {

constexpr int kLargestPower = 308;

// Powers of ten as the nearest doubles; the compiler is the one who rounds.
#define TOKMILL_TEN(n)                                                                        \
    1e##n##0, 1e##n##1, 1e##n##2, 1e##n##3, 1e##n##4, 1e##n##5, 1e##n##6, 1e##n##7, 1e##n##8, \
        1e##n##9
constexpr double kPowersOfTen[kLargestPower + 1] = {1e0,
                                                    1e1,
                                                    1e2,
                                                    1e3,
                                                    1e4,
                                                    1e5,
                                                    1e6,
                                                    1e7,
                                                    1e8,
                                                    1e9,
                                                    TOKMILL_TEN(1),
                                                    TOKMILL_TEN(2),
                                                    TOKMILL_TEN(3),
                                                    TOKMILL_TEN(4),
                                                    TOKMILL_TEN(5),
                                                    TOKMILL_TEN(6),
                                                    TOKMILL_TEN(7),
                                                    TOKMILL_TEN(8),
                                                    TOKMILL_TEN(9),
                                                    TOKMILL_TEN(10),
                                                    TOKMILL_TEN(11),
                                                    TOKMILL_TEN(12),
                                                    TOKMILL_TEN(13),
                                                    TOKMILL_TEN(14),
                                                    TOKMILL_TEN(15),
                                                    TOKMILL_TEN(16),
                                                    TOKMILL_TEN(17),
                                                    TOKMILL_TEN(18),
                                                    TOKMILL_TEN(19),
                                                    TOKMILL_TEN(20),
                                                    TOKMILL_TEN(21),
                                                    TOKMILL_TEN(22),
                                                    TOKMILL_TEN(23),
                                                    TOKMILL_TEN(24),
                                                    TOKMILL_TEN(25),
                                                    TOKMILL_TEN(26),
                                                    TOKMILL_TEN(27),
                                                    TOKMILL_TEN(28),
                                                    TOKMILL_TEN(29),
                                                    1e300,
                                                    1e301,
                                                    1e302,
                                                    1e303,
                                                    1e304,
                                                    1e305,
                                                    1e306,
                                                    1e307,
                                                    1e308};
#undef TOKMILL_TEN

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// A decimal number cut to as many leading digits as 64 bits hold. What is cut off is not rounded.
struct Decimal {
    std::uint64_t digits = 0;
    std::int64_t exponent = 0;

    // False if the digit does not fit any more.
    bool add(char digit) noexcept {
        constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
        auto const value = static_cast<std::uint64_t>(digit - '0');
        if (digits > kMax / 10 || (digits == kMax / 10 && value > kMax % 10)) return false;
        digits = digits * 10 + value;
        return true;
    }
};

// One rounding for the digits and one for the power, where both are out of the exact range.
std::optional<double> scale(Decimal number) noexcept {
    auto result = static_cast<double>(number.digits);
    std::int64_t exponent = number.exponent;
    while (exponent < -kLargestPower || exponent > kLargestPower) {
        if (result == 0.0) return result;
        if (exponent > 0) return std::nullopt;
        result /= kPowersOfTen[kLargestPower];
        exponent += kLargestPower;
    }
    if (exponent < 0) return result / kPowersOfTen[-exponent];
    result *= kPowersOfTen[exponent];
    if (std::isinf(result)) return std::nullopt;
    return result;
}

std::optional<double> parse_magnitude(char const* p, char const* end) noexcept {
    Decimal number;
    while (p != end && is_digit(*p) && number.add(*p)) ++p;
    while (p != end && is_digit(*p)) {
        ++p;
        ++number.exponent;
    }
    if (p != end && *p == '.') {
        ++p;
        for (; p != end && is_digit(*p) && number.add(*p); ++p) --number.exponent;
        while (p != end && is_digit(*p)) ++p;
    }
    if (p != end && (*p == 'e' || *p == 'E')) {
        ++p;
        bool const negative = *p == '-';
        if (*p == '-' || *p == '+') ++p;
        std::int64_t exponent = 0;
        for (; p != end; ++p) {
            exponent = exponent * 10 + (*p - '0');
            if (exponent > std::numeric_limits<std::int32_t>::max()) {
                if (number.digits != 0 && !negative) return std::nullopt;
                return 0.0;
            }
        }
        number.exponent += negative ? -exponent : exponent;
    }
    return scale(number);
}

// The layout of a shortest spelling: plain digits while the decimal point lies among or near them
// (`smallest` < its place <= `largest`), an exponent otherwise.
template <class Float>
void append_shortest(Float number, int smallest, int largest, std::string& out) {
    if (!std::isfinite(number)) {
        out += "null";
        return;
    }
    char text[48];
    auto const written =
        std::to_chars(text, text + sizeof text, number, std::chars_format::scientific);
    std::string digits;
    char const* p = text;
    if (*p == '-') out.push_back(*p++);
    for (; *p != 'e'; ++p) {
        if (*p != '.') digits.push_back(*p);
    }
    int exponent = 0;
    p += p[1] == '+' ? 2 : 1;
    std::from_chars(p, written.ptr, exponent);
    if (number == 0) exponent = 0;
    int const point = exponent + 1;  // how many digits stand before the decimal point
    auto const count = static_cast<int>(digits.size());
    if (point > largest || point <= smallest) {
        out.push_back(digits[0]);
        if (count > 1) out.append(".").append(digits, 1);
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else if (count <= point) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0').append(".0");
    } else {
        out.append(digits, 0, static_cast<std::size_t>(point)).append(".");
        out.append(digits, static_cast<std::size_t>(point));
    }
}

}  // namespace

std::optional<double> parse_serde_number(std::string_view spelling) noexcept {
    char const* begin = spelling.data();
    char const* const end = begin + spelling.size();
    if (begin == end || *begin != '-') return parse_magnitude(begin, end);
    std::optional<double> const magnitude = parse_magnitude(begin + 1, end);
    if (!magnitude) return magnitude;
    return -*magnitude;
}

void append_number(double number, std::string& out) {
    append_shortest(number, -5, 16, out);
}

void append_number(float number, std::string& out) {
    append_shortest(number, -6, 13, out);
}

}  // namespace tokmill::json
