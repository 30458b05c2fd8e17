// Pre-tokens that are one byte over and over, as lines of dashes are: whole runs of equal symbols
// merge at once, so that a million bytes take no longer than a thousand.
#pragma once

#include <cstddef>
#include <vector>

#include "models/bpe_merge.h"
#include "models/pair_table.h"

namespace tokmill {

// Appends the symbols of `size` bytes at `text` and returns true, if they are all the same and
// nothing keeps runs from merging as a whole. Looks no further than the first two bytes at most
// other texts.
bool merge_run(PairTable const& pairs, unsigned char const* text, std::size_t size,
               std::vector<Symbol>& out);

}  // namespace tokmill
