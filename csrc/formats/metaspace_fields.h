// Metaspace as it is written in a tokenizer.json: the same for the pre-tokenizer and the decoder.
#pragma once

#include "core/json.h"
#include "formats/definition_file.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

MetaspaceOptions read_metaspace(json::Value const& value, DefinitionFile const& file);

}  // namespace tokmill::stages
