// The stage that turns a piece of text into tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"

namespace tokmill::stages {

struct Token {
    std::uint32_t id = 0;
    std::string value;  // as tokenizers reports it: not always the vocabulary's text of the id
    Span span;          // in bytes of the piece

    bool operator==(Token const&) const = default;
};

class Model {
 public:
    virtual ~Model() = default;

    // Appends the tokens of a piece (valid UTF-8). Safe to call from many threads at once. Throws
    // Error(invalid_input) where tokenizers fails, with its message.
    virtual void tokenize(std::string_view piece, std::vector<Token>& tokens) const = 0;
    // The ids alone; models do better than the default.
    virtual void tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
        std::vector<Token> tokens;
        tokenize(piece, tokens);
        for (Token const& token : tokens) ids.push_back(token.id);
    }

    virtual std::optional<std::uint32_t> token_to_id(std::string_view token) const = 0;
    virtual std::optional<std::string_view> id_to_token(std::uint32_t id) const = 0;
    // How many different tokens there are (not one more than the largest id).
    virtual std::size_t vocab_size() const = 0;
    // (text, id), by rising id.
    virtual std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const = 0;
    // Whether the tokens of a piece may differ from one time to the next.
    virtual bool is_random() const noexcept { return false; }
    // "BPE", "Unigram", "WordPiece", "WordLevel".
    virtual char const* type() const = 0;
};

using ModelPtr = std::shared_ptr<Model const>;

}  // namespace tokmill::stages
