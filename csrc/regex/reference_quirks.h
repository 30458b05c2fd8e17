// Patterns that a reference library matches differently from what they say, or in a way that is
// not modelled here. They are refused: the ids would differ silently.
#pragma once

#include "regex/ast.h"
#include "regex/dialect.h"

namespace tokmill::regex {

// Throws Error(unsupported_tokenizer) with the position of the construct.
void refuse_quirks(Node const& tree, Dialect dialect);

}  // namespace tokmill::regex
