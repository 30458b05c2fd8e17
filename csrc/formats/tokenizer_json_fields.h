// Fields of a tokenizer.json that are read alike for every family of models.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "formats/definition_file.h"
#include "pipeline/definition.h"

namespace tokmill {

// What stands around the model; null where the file has nothing.
struct PipelineFields {
    json::Value normalizer;
    json::Value pre_tokenizer;
    json::Value post_processor;
    json::Value decoder;
    json::Value truncation;
    json::Value padding;

    // Keeps the value that comes next. `position`: where it stands, for the complaint about a name
    // that is none of these.
    void read(std::string_view name, std::size_t position, json::Reader& reader,
              DefinitionFile const& file);
};

// The value of "added_tokens". All fields of an entry must be there, once. The id is not used: it
// follows from the model and the order. `place` begins the complaint about a field that is missing.
std::vector<AddedToken> read_added_tokens(json::Reader& reader, std::string const& place);

}  // namespace tokmill
