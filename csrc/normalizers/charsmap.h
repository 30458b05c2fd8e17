// sentencepiece's precompiled_charsmap: a double-array trie of byte strings and what to replace
// them by, read as the spm_precompiled crate of tokenizers 0.23.3 reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill::stages {

class Charsmap {
 public:
    // Throws Error(invalid_tokenizer) with the position in `data`.
    explicit Charsmap(std::string_view data);

    // What stands for `text`: the replacement of the *shortest* of its prefixes that is in the map;
    // nothing if there is none. Throws Error(invalid_tokenizer) where the trie leads nowhere.
    std::optional<std::string_view> find(std::string_view text) const;

 private:
    std::uint32_t unit(std::size_t position) const;
    std::string_view replacement(std::size_t position) const;

    std::vector<std::uint32_t> trie_;
    std::string replacements_;  // valid UTF-8, each ending with a zero byte
};

}  // namespace tokmill::stages
