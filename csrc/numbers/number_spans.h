// Numbers in ids: which tokens are one numeral, and its digits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "numbers/numbers_tokenizer.h"

namespace tokmill::numbers {

struct NumberSpan {
    std::size_t begin = 0, end = 0;  // tokens, with separators, the point and the exponent
    std::string integer;             // digits without separators; may be empty
    std::string fraction;
    std::string exponent;  // with its sign; empty if there is none
};

// For schemes with magnitudes. The value of a numeral is the sum of the values of its tokens.
std::vector<NumberSpan> find_number_spans(NumbersTokenizer const& tokenizer,
                                          std::span<std::uint32_t const> ids);

}  // namespace tokmill::numbers
