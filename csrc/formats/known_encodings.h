// Pattern and special tokens of published tiktoken encodings. Rank files do not say them, so a file
// is recognised by its content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tokmill {

struct KnownEncoding {
    std::string name;
    std::string pattern;
    // By rising id. Where two have the same id, the first is what the id decodes to.
    std::vector<std::pair<std::string, std::uint32_t>> special_tokens;
    bool nfc = false;  // the owner's code normalizes text before it encodes
};

// gpt2, r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base, o200k_harmony, llama3, llama4,
// qwen, whisper_multilingual.
std::optional<KnownEncoding> find_known_encoding(std::string_view name);

// The encoding whose published rank file is `data`. Of the encodings that share a file, the one
// without extra special tokens.
std::optional<KnownEncoding> recognize_rank_file(std::string_view data);

}  // namespace tokmill
