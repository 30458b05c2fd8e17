// From the content of a definition file to a compiled tokenizer, whatever its family.
#pragma once

#include <memory>
#include <string_view>

#include "formats/load.h"
#include "pipeline/tokenizer.h"

namespace tokmill {

// Recognises the format by content. Byte-level BPE gets its own engine, everything else the general
// one. Throws unsupported_tokenizer or invalid_tokenizer.
std::shared_ptr<Tokenizer const> load_tokenizer(std::string_view data, LoadHints const& hints = {});

// From vocab.json and merges.txt, or the files that go by other names.
std::shared_ptr<Tokenizer const> load_halves(std::string_view vocabulary, std::string_view merges);

// From what Tokenizer::portable_form() gives.
std::shared_ptr<Tokenizer const> load_portable(std::string_view data);

}  // namespace tokmill
