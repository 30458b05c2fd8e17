// "Ignore case" in both engines: simple case folding, one code point for one.
#pragma once

#include <cstdint>

#include "regex/code_point_set.h"

namespace tokmill::regex {

// The set together with everything that folds to the same code point as a member.
CodePointSet close_under_case(CodePointSet const& set);

// Oniguruma also equates some single characters with sequences (U+00DF and "ss", U+FB06 and "st").
// Patterns in which that could matter are refused, and these two say where it could.
//
// The code points that fold to a sequence.
CodePointSet const& multi_fold_sources();
// Whether a member of `a` followed by a member of `b` may be part of such a sequence.
bool may_spell_multi_fold(CodePointSet const& a, CodePointSet const& b);

}  // namespace tokmill::regex
