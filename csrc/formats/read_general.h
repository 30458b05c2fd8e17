// A tokenizer.json of version "1.0", whatever its stages, as tokenizers 0.23.3 reads it.
#pragma once

#include <string_view>

#include "pipeline/general_pipeline.h"

namespace tokmill::stages {

// Throws Error(invalid_tokenizer) for what tokenizers cannot read either, and
// Error(unsupported_tokenizer) naming what cannot be reproduced exactly.
GeneralPipeline read_general(std::string_view data);

}  // namespace tokmill::stages
