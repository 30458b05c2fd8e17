// Tokens as strings.
#include "bindings/token_names.h"

namespace tokmill::bindings {

TokenNames::TokenNames(Tokenizer const& tokenizer) : tokenizer_(&tokenizer) {
    Definition const& definition = tokenizer.head();
    for (std::uint32_t place = 0; place < definition.added_tokens.size(); ++place) {
        AddedToken const& token = definition.added_tokens[place];
        literal_names_.emplace(token.id, token.content);
        literal_ids_.emplace(token.content, token.id);
        if (token.special && special_places_.emplace(token.content, place).second) {
            special_.emplace_back(token.content, token.id);
        }
    }
    for (auto const& [text, id] : definition.model.unreachable) {
        literal_names_.emplace(id, text);
        literal_ids_.emplace(text, id);
    }
}

std::string TokenNames::name(std::uint32_t id) const {
    auto const literal = literal_names_.find(id);
    if (literal != literal_names_.end()) return literal->second;
    return tokenizer_->token_name(id);
}

std::optional<std::uint32_t> TokenNames::find(std::string_view name) const {
    auto const literal = literal_ids_.find(std::string(name));
    if (literal != literal_ids_.end()) return literal->second;
    return tokenizer_->find_name(name);
}

std::optional<std::uint32_t> TokenNames::find_special(std::string_view name) const {
    auto const found = special_places_.find(std::string(name));
    if (found == special_places_.end()) return std::nullopt;
    return found->second;
}

}  // namespace tokmill::bindings
