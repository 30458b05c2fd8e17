// WordLevel: each piece is a token or unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/token_vocabulary.h"

namespace tokmill::stages {

class WordLevel final : public Model {
 public:
    WordLevel(std::vector<TokenVocabulary::Item> vocabulary, std::string unk_token);

    // The same vocabulary with another unk_token.
    std::shared_ptr<WordLevel const> with_unk_token(std::string unk_token) const;
    std::string const& unk_token() const noexcept { return unk_token_; }

    void tokenize(std::string_view piece, std::vector<Token>& tokens) const override;
    void tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const override;
    std::optional<std::uint32_t> token_to_id(std::string_view token) const override;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const override;
    std::size_t vocab_size() const override;
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const override;
    char const* type() const override { return "WordLevel"; }

 private:
    WordLevel(std::shared_ptr<TokenVocabulary const> vocabulary, std::string unk_token);

    // The entry of the piece or of the unk_token.
    std::uint32_t find(std::string_view piece) const;

    std::shared_ptr<TokenVocabulary const> vocabulary_;
    std::string unk_token_;
    std::uint32_t unk_;  // entry
};

}  // namespace tokmill::stages
