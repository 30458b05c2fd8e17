// Tokens as strings, in the form in which the definition file spells them: for tokenizer.json and
// vocab.json the characters of the byte alphabet ("Ġthe"), for formats that store bytes the bytes
// read as UTF-8, with U+FFFD for what is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "pipeline/tokenizer.h"

namespace tokmill::bindings {

class TokenNames {
 public:
    explicit TokenNames(Tokenizer const& tokenizer);

    // Valid UTF-8. The token must exist.
    std::string name(std::uint32_t id) const;
    std::optional<std::uint32_t> find(std::string_view name) const;
    // Special tokens only, in the order of the file.
    std::vector<std::pair<std::string, std::uint32_t>> const& special() const noexcept {
        return special_;
    }
    // Its place in Definition::added_tokens, which tells tokens with the same id apart.
    std::optional<std::uint32_t> find_special(std::string_view name) const;

 private:
    Tokenizer const* tokenizer_;
    // Tokens that do not go through the byte alphabet: added ones and those outside it.
    std::unordered_map<std::uint32_t, std::string> literal_names_;
    std::unordered_map<std::string, std::uint32_t> literal_ids_;
    std::vector<std::pair<std::string, std::uint32_t>> special_;
    std::unordered_map<std::string, std::uint32_t> special_places_;
};

}  // namespace tokmill::bindings
