// From the text of a pattern to its syntax tree.
#pragma once

#include <string_view>

#include "regex/ast.h"
#include "regex/dialect.h"

namespace tokmill::regex {

// Throws Error(invalid_tokenizer) where the dialect's own parser would refuse the pattern, and
// Error(unsupported_tokenizer) for what cannot be matched exactly; both with the position.
NodePtr parse(std::string_view pattern, Dialect dialect);

}  // namespace tokmill::regex
