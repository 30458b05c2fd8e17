// A vocabulary of byte strings whose ids say which merge comes first (tiktoken, tekken).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/bpe_text.h"
#include "pipeline/definition.h"

namespace tokmill {

// The bytes that strict base64 with padding spells; nothing if it is malformed.
std::optional<std::string> decode_base64(std::string_view text);

// Sets up the model and the pipeline that such definitions share: tiktoken's rules, one split by
// `pattern`, byte decoder. Complains if a token or an id comes twice or a single byte has none.
void fill_rank_definition(Definition& definition,
                          std::vector<std::pair<std::string, std::uint32_t>> tokens,
                          std::string pattern, Complaint const& complain);

// Appends special tokens, and complains if one is empty, not UTF-8, listed twice, or has the id of
// an ordinary token.
void add_special_tokens(Definition& definition,
                        std::vector<std::pair<std::string, std::uint32_t>> const& tokens,
                        Complaint const& complain);

}  // namespace tokmill
