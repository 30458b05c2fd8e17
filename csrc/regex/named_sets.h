// The sets that patterns name: \d \s \w \h, \p{...} and [:posix:], as each dialect defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "regex/code_point_set.h"
#include "regex/dialect.h"

namespace tokmill::regex {

enum class Shorthand : std::uint8_t { digit, space, word, hex_digit };

// `in_class`: written between brackets. Oniguruma's \w has six more members outside than inside.
CodePointSet shorthand_set(Shorthand shorthand, Dialect dialect, bool in_class);

// The members of the property `name` (as written); nothing if the dialect has no such property or
// its members are not known here. `negated`: it is their complement that the pattern asks for.
std::optional<CodePointSet> property_set(std::string_view name, Dialect dialect, bool in_class,
                                         bool negated);

// [:name:], which is exact about case; nothing if there is no such class.
std::optional<CodePointSet> posix_set(std::string_view name, Dialect dialect);

}  // namespace tokmill::regex
