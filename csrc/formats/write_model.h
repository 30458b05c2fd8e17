// A model as the "model" object of a tokenizer.json, spelled as tokenizers spells it.
#pragma once

#include <cstddef>
#include <string>

#include "models/model.h"

namespace tokmill::stages {

enum class JsonLayout { compact, pretty };

// `depth`: how many containers are around the object; its lines are indented by two spaces each.
std::string write_model_json(Model const& model, JsonLayout layout, std::size_t depth = 0);

// The vocabulary alone, compact, as it stands in a vocab.json.
std::string write_vocabulary_json(Model const& model);

}  // namespace tokmill::stages
