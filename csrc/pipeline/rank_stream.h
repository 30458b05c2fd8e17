// A rank vocabulary in few bytes: every token as the two earlier tokens that its last merge joins.
//
// This is also what compiling such a vocabulary has to find out, so a tokenizer is made from it
// about ten times faster than from the rank file, which is several times larger.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/token_table.h"
#include "models/bpe.h"
#include "pipeline/definition.h"

namespace tokmill {

// Of the vocabulary in `definition`, whose compiled form is `tables`. Throws unsupported_tokenizer
// if merges are listed rather than implied by ranks, or a token is made of later ones.
std::string write_rank_stream(Definition const& definition, BpeTables const& tables);

struct RankTokens {
    TokenTable tokens;
    BpeParts parts;  // its words are views of tokens.pool
};

// `head` is the definition without its vocabulary; its added tokens, and the tokens that merging
// cannot reach, go into the holes of the vocabulary and behind it. Any data either gives a table or
// throws invalid_tokenizer; `position` is where it starts in the file, for messages.
RankTokens read_rank_stream(std::string_view data, std::size_t position, Definition const& head);

// The vocabulary alone, by rising id.
std::vector<std::pair<std::string, std::uint32_t>> read_rank_vocabulary(std::string_view data,
                                                                        std::size_t position);

}  // namespace tokmill
