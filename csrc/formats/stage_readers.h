// The stages of a tokenizer.json as parsed JSON, made into objects. They are recognised as
// tokenizers 0.23.3 recognises them, with and without a `type`.
#pragma once

#include <optional>

#include "core/json.h"
#include "decoders/decoder.h"
#include "formats/definition_file.h"
#include "models/model.h"
#include "normalizers/normalizer.h"
#include "postprocessors/post_processor.h"
#include "pretokenizers/pre_tokenizer.h"

namespace tokmill::stages {

// null for JSON null.
NormalizerPtr read_normalizer(json::Value const& value, DefinitionFile const& file);
PreTokenizerPtr read_pre_tokenizer(json::Value const& value, DefinitionFile const& file);
PostProcessorPtr read_post_processor(json::Value const& value, DefinitionFile const& file);
DecoderPtr read_decoder(json::Value const& value, DefinitionFile const& file);
// `reader` stands before the model object.
ModelPtr read_model(json::Reader& reader, DefinitionFile const& file);

}  // namespace tokmill::stages
