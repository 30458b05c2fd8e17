// A text as the pieces that a scheme with magnitudes makes of it: for people, tests and values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "numbers/grammar.h"
#include "numbers/groups.h"

namespace tokmill::numbers {

enum class PieceKind : std::uint8_t {
    text,       // what is neither
    plain,      // digits that are left to the base tokenizer
    integer,    // a group of an integer; `power`: of ten, of its last digit
    point,      // between integer and fraction
    separator,  // of thousands
    fraction,   // a group behind the point; `power`: -1 for the first, -2, ...
};

struct Piece {
    PieceKind kind = PieceKind::text;
    Span span;
    int power = 0;
};

// One behind the other they are the text.
std::vector<Piece> find_pieces(std::string_view text, Grammar const& grammar,
                               GroupCutter const& cutter);

// The numerals that are not plain; an exponent follows the numeral it belongs to.
std::vector<Numeral> find_numerals(std::string_view text, Grammar const& grammar);

}  // namespace tokmill::numbers
