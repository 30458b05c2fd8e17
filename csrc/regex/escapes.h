// What follows a backslash, where it stands for a character or a set of characters.
#pragma once

#include <cstdint>
#include <optional>

#include "regex/code_point_set.h"
#include "regex/dialect.h"
#include "regex/pattern_reader.h"

namespace tokmill::regex {

// A set that an escape names: \d \S \h \p{...}. How "ignore case" applies to it is the caller's
// business, hence the separate negation.
struct EscapedSet {
    CodePointSet set;
    bool negated = false;
    bool is_property = false;
};

// With the reader after the backslash. Nothing (and nothing consumed) if no such set follows.
std::optional<EscapedSet> parse_set_escape(PatternReader& reader, Dialect dialect, bool in_class);

// With the reader after the backslash: the character meant. Throws for anything else.
std::uint32_t parse_char_escape(PatternReader& reader, Dialect dialect, bool in_class);

}  // namespace tokmill::regex
