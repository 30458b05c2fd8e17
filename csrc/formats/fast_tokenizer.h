// The quickest way to the ids of what a general pipeline encodes.
#pragma once

#include <memory>

#include "pipeline/general_pipeline.h"
#include "pipeline/tokenizer.h"

namespace tokmill {

// A tokenizer with the same added tokens, normalizer, pre-tokenizer and model: the byte-level
// engine where that is possible. It puts nothing around a text, and its decoding is not meant to be
// used. `earlier`, if any, was made for a pipeline that differs at most in its added tokens. The
// pre-tokenizer must have a plain form.
std::shared_ptr<Tokenizer const> make_fast_tokenizer(stages::GeneralPipeline const& pipeline,
                                                     Tokenizer const* earlier);

}  // namespace tokmill
