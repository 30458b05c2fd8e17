// Bracketed character classes. The two dialects differ in nearly every corner (what a hyphen means
// where, set operators, what "ignore case" does to nested classes), so each has its own parser.
#pragma once

#include "regex/code_point_set.h"
#include "regex/dialect.h"
#include "regex/pattern_reader.h"

namespace tokmill::regex {

// With the reader at the opening bracket.
CodePointSet parse_class(PatternReader& reader, Dialect dialect, bool ignore_case);

}  // namespace tokmill::regex
