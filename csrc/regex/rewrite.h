// Elimination of atomic groups and possessive quantifiers.
#pragma once

#include "regex/ast.h"

namespace tokmill::regex {

// An equivalent tree without atomic nodes: what an atomic group would forbid is expressed by
// negative look-ahead. Throws Error(unsupported_tokenizer) where no such form is known, and for
// loops whose meaning differs between engines (over a body that prefers the empty text).
NodePtr rewrite(NodePtr const& tree);

}  // namespace tokmill::regex
