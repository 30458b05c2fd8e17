// The parts of a tokenizer.json around the model, as parsed JSON, turned into parts of a
// Definition. What cannot be expressed there is refused by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "formats/definition_file.h"
#include "pipeline/definition.h"

namespace tokmill {

std::vector<NormalizerKind> read_normalizer(json::Value const& value, DefinitionFile const& file);
std::vector<PreTokenizer> read_pre_tokenizer(json::Value const& value, DefinitionFile const& file);
DecoderKind read_decoder(json::Value const& value, DefinitionFile const& file);

// The ids that a post-processor puts around a single sequence.
struct Surroundings {
    std::vector<std::uint32_t> prefix;
    std::vector<std::uint32_t> suffix;
};
Surroundings read_post_processor(json::Value const& value, DefinitionFile const& file);

// Checked and spelled as compact JSON; empty for null.
std::string read_truncation(json::Value const& value, DefinitionFile const& file);
std::string read_padding(json::Value const& value, DefinitionFile const& file);

}  // namespace tokmill
