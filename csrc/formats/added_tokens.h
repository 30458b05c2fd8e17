// The ids that tokenizers gives to the added tokens of a file. The ids in the file itself are not
// used.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bpe_text.h"
#include "pipeline/definition.h"

namespace tokmill {

// `tokens` as they stand in the file; the result has every content once, in the order of first
// appearance, with the ids that count.
std::vector<AddedToken> assign_added_token_ids(std::vector<AddedToken> tokens,
                                               TextVocabulary const& vocabulary,
                                               Complaint const& complain);

}  // namespace tokmill
