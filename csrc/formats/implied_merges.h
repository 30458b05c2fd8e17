// The merges that a rank vocabulary implies.
#pragma once

#include <vector>

#include "pipeline/definition.h"

namespace tokmill {

// All splits of a token into two tokens, ordered by the rank of the token and then of its two
// parts: the list that the usual conversion of tiktoken files to tokenizers makes. `vocabulary`
// must be sorted by id, which is the rank.
std::vector<Merge> implied_merges(
    std::vector<std::pair<std::string, std::uint32_t>> const& vocabulary);

}  // namespace tokmill
