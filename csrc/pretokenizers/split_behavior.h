// What becomes of the matches of a splitting pattern.
#pragma once

#include <utility>
#include <vector>

#include "core/span.h"
#include "pipeline/definition.h"

namespace tokmill::stages {

// The pieces of a text that has been divided, without gaps, into matches (true) and what lies
// between them (false). Empty matches can make empty pieces.
std::vector<Span> apply_behavior(std::vector<std::pair<Span, bool>> const& parts,
                                 SplitBehavior behavior);

}  // namespace tokmill::stages
