// Numbers as serde_json reads and writes them; the expected values were taken from tokenizers
// 0.23.3, as scores of Unigram pieces.
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "check.h"
#include "core/serde_number.h"

using namespace tokmill;

namespace {

double parsed(std::string_view spelling) {
    return json::parse_serde_number(spelling).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::string spelled(double number) {
    std::string text;
    json::append_number(number, text);
    return text;
}

std::string spelled_float(float number) {
    std::string text;
    json::append_number(number, text);
    return text;
}

}  // namespace

TEST(serde_number_plain) {
    CHECK(parsed("0") == 0.0 && !std::signbit(parsed("0")));
    CHECK(parsed("-0") == 0.0 && std::signbit(parsed("-0")));
    CHECK(parsed("12") == 12.0);
    CHECK(parsed("-2.5e0") == -2.5);
    CHECK(parsed("1e3") == 1000.0);
    CHECK(parsed("1E+3") == 1000.0);
    CHECK(parsed("18446744073709551615") == 18446744073709551615.0);
    CHECK(parsed("18446744073709551616") == 18446744073709551616.0);
}

TEST(serde_number_is_not_always_the_nearest) {
    // More digits than a double holds are rounded, then divided and rounded again.
    CHECK(parsed("-14.088949203491211") == -14.088949203491213);
    CHECK(parsed("-1.1595940589904785") == -1.1595940589904783);
    CHECK(parsed("-3.4639982924088525e+45") == -3.463998292408852e+45);
    // Digits that do not fit 64 bits are cut off.
    CHECK(parsed("1.00000000000000000000999") == 1.0);
}

TEST(serde_number_limits) {
    CHECK(parsed("1e-400") == 0.0);
    CHECK(parsed("0e999999999999") == 0.0);
    CHECK(parsed("5e-99999999999") == 0.0);
    CHECK(parsed("1e-320") == 1e-320);
    CHECK(!json::parse_serde_number("1e309"));
    CHECK(!json::parse_serde_number("1e99999999999"));
    CHECK(!json::parse_serde_number("-10000e305"));
    CHECK(parsed("0.00001e310") == 1e305);
    CHECK(parsed(std::string(400, '1') + "e-400") > 0.11);
}

TEST(serde_number_spelling) {
    CHECK_EQ(spelled(0.0), "0.0");
    CHECK_EQ(spelled(-0.0), "-0.0");
    CHECK_EQ(spelled(1.0), "1.0");
    CHECK_EQ(spelled(-1e-5), "-0.00001");
    CHECK_EQ(spelled(1e-6), "1e-6");
    CHECK_EQ(spelled(1.5e-6), "1.5e-6");
    CHECK_EQ(spelled(1e15), "1000000000000000.0");
    CHECK_EQ(spelled(1e16), "1e+16");
    CHECK_EQ(spelled(1.5e300), "1.5e+300");
    CHECK_EQ(spelled(12345678901.234568), "12345678901.234568");
    CHECK_EQ(spelled(0.0001234), "0.0001234");
    CHECK_EQ(spelled(std::numeric_limits<double>::infinity()), "null");
    CHECK_EQ(spelled_float(0.1f), "0.1");
    CHECK_EQ(spelled_float(1e-6f), "0.000001");
    CHECK_EQ(spelled_float(1e-7f), "1e-7");
    CHECK_EQ(spelled_float(1.2345678e-20f), "1.2345678e-20");
}
