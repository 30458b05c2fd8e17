// One step of a pre-tokenizer as an automaton over the character classes of its pattern.
#pragma once

#include "bytelm/boundary_nfa.h"
#include "pipeline/definition.h"
#include "regex/alphabet.h"
#include "regex/dialect.h"

namespace tokmill::bytelm {

struct BoundaryStep {
    regex::Alphabet alphabet;
    BoundaryNfa nfa;  // reduced, over the classes of the alphabet
};

// `step` must cut (a byte_level step with use_regex off does not). Throws what
// regex::Matcher::compile throws, and Error(unsupported_tokenizer) if following it takes too much.
BoundaryStep boundary_step(PreTokenizer const& step, regex::Dialect dialect);

}  // namespace tokmill::bytelm
