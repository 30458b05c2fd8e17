// What the encoding of a text needs besides the tokenizer: caches and scratch.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/id_buffer.h"
#include "core/state_pool.h"
#include "models/word_state.h"
#include "pipeline/added_tokens.h"
#include "pretokenizers/pre_tokenization.h"

namespace tokmill {

struct EncodeState {
    explicit EncodeState(std::size_t cache_budget) : words(cache_budget) {}

    WordState words;
    std::vector<char> transcoded;                // the text as UTF-8
    std::string normalized;                      // of one segment
    std::vector<AddedTokenMatch> matches;        // in the text
    std::vector<AddedTokenMatch> inner_matches;  // in one normalized segment
    Pieces pieces;
    IdBuffer ids;  // of a worker's share of a batch
    static constexpr double kUsualIdsPerByte = 1.0 / 3;
    double ids_per_byte = kUsualIdsPerByte;  // of the last large batch, if it was more
};

using EncodeStates = StatePool<EncodeState>;

}  // namespace tokmill
