// Whether two patterns mean the same for every text.
#pragma once

#include "regex/ast.h"

namespace tokmill::regex {

// Decides whether, from every position of every text, the two patterns find the same match there or
// both none. Patterns that look at more than one neighbouring code point, or behind the position,
// are outside of what is decided: false. Both trees must have been rewritten.
bool equivalent(NodePtr const& a, NodePtr const& b);

}  // namespace tokmill::regex
