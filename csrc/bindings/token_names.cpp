// Tokens as strings.
#include "bindings/token_names.h"

#include "core/byte_alphabet.h"
#include "decoders/decode.h"

namespace tokmill::bindings {

TokenNames::TokenNames(Tokenizer const& tokenizer)
    : tokenizer_(&tokenizer),
      byte_alphabet_(tokenizer.head().reference == Reference::hf_tokenizers) {
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
    std::string name;
    std::string_view const bytes = tokenizer_->tokens().bytes(id);
    if (byte_alphabet_) {
        append_byte_alphabet(bytes, name);
    } else {
        append_utf8_lossy(bytes, name);
    }
    return name;
}

std::optional<std::uint32_t> TokenNames::find(std::string_view name) const {
    auto const literal = literal_ids_.find(std::string(name));
    if (literal != literal_ids_.end()) return literal->second;
    if (!byte_alphabet_) return tokenizer_->find_token(name);
    auto const bytes = undo_byte_alphabet(name);
    return bytes ? tokenizer_->find_token(*bytes) : std::nullopt;
}

std::optional<std::uint32_t> TokenNames::find_special(std::string_view name) const {
    auto const found = special_places_.find(std::string(name));
    if (found == special_places_.end()) return std::nullopt;
    return found->second;
}

}  // namespace tokmill::bindings
