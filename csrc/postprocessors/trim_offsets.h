// Offsets of byte-level tokens without the white space around them.
#pragma once

#include <vector>

#include "pipeline/encoding.h"

namespace tokmill::stages {

// For all encodings and their overflowing parts. `add_prefix_space`: one space at the beginning of
// the text is not there in the original, so it takes nothing off.
void trim_offsets(std::vector<Encoding>& encodings, bool add_prefix_space);

}  // namespace tokmill::stages
