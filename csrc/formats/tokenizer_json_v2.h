// tokenizer.json of version "2.0", the form that tokenizers 1.0 writes (docs/tokenizer-json-2.md).
// It is rewritten to version "1.0", which everything else reads.
#pragma once

#include <string>
#include <string_view>

namespace tokmill {

// Whether `data`, the text of a JSON object, says that it is of version "2.0".
bool is_tokenizer_json_v2(std::string_view data);

// The file of version "1.0" that gives the same ids. Throws unsupported_tokenizer for what version
// "1.0" cannot say, and invalid_tokenizer for a file that is broken; errors inside the parts that
// are copied are found by the reader of the result.
std::string rewrite_tokenizer_json_v2(std::string_view data);

}  // namespace tokmill
