// Reads definition files. Each reader fills a Definition and knows nothing of the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/definition.h"

namespace tokmill {

// What the caller knows and the file does not say (tiktoken rank files).
struct LoadHints {
    std::optional<std::string> pattern;
    std::vector<std::pair<std::string, std::uint32_t>> special_tokens;
};

// Recognises the format by content: tokenizer.json, tekken.json, a tiktoken rank file, a Llama 3
// tokenizer.model.
Definition load_definition(std::string_view data, LoadHints const& hints = {});

// Whether a JSON object is a tokenizer.json rather than a tekken.json.
bool is_tokenizer_json(std::string_view data);

Definition read_tokenizer_json(std::string_view data);
Definition read_tekken(std::string_view data);
Definition read_tiktoken(std::string_view data, LoadHints const& hints);
Definition read_vocab_merges(std::string_view vocab_json, std::string_view merges_txt);

// The tokenizer.json that means the same (tokenizers 0.23.3 layout).
std::string write_tokenizer_json(Definition const& definition);

// Compact binary form of a definition, for pickling and as a section of a snapshot. Reading checks
// everything: any byte sequence either gives a valid definition or throws invalid_tokenizer.
std::string serialize_definition(Definition const& definition);
Definition deserialize_definition(std::string_view data);

// The same for everything but the model's vocabulary and merges, for forms that keep these in
// another way.
std::string serialize_head(Definition const& definition);
Definition deserialize_head(std::string_view data);

}  // namespace tokmill
