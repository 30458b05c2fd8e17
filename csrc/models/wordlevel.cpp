#include "models/wordlevel.h"

#include "core/error.h"

namespace tokmill::stages {

WordLevel::WordLevel(std::vector<TokenVocabulary::Item> vocabulary, std::string unk_token)
    : WordLevel(std::make_shared<TokenVocabulary const>(std::move(vocabulary)),
                std::move(unk_token)) {}

WordLevel::WordLevel(std::shared_ptr<TokenVocabulary const> vocabulary, std::string unk_token)
    : vocabulary_(std::move(vocabulary)),
      unk_token_(std::move(unk_token)),
      unk_(vocabulary_->index().find(unk_token_)) {}

std::shared_ptr<WordLevel const> WordLevel::with_unk_token(std::string unk_token) const {
    return std::shared_ptr<WordLevel const>(new WordLevel(vocabulary_, std::move(unk_token)));
}

std::uint32_t WordLevel::find(std::string_view piece) const {
    std::uint32_t const entry = vocabulary_->index().find(piece);
    if (entry != TokenVocabulary::kMissing) return entry;
    if (unk_ == TokenVocabulary::kMissing) {
        throw Error(ErrorKind::invalid_input,
                    "WordLevel error: Missing [UNK] token from the vocabulary");
    }
    return unk_;
}

void WordLevel::tokenize(std::string_view piece, std::vector<Token>& tokens) const {
    std::uint32_t const entry = find(piece);
    tokens.push_back(
        {vocabulary_->id(entry), std::string(vocabulary_->text(entry)), {0, piece.size()}});
}

void WordLevel::tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    ids.push_back(vocabulary_->id(find(piece)));
}

std::optional<std::uint32_t> WordLevel::token_to_id(std::string_view token) const {
    return vocabulary_->token_to_id(token);
}

std::optional<std::string_view> WordLevel::id_to_token(std::uint32_t id) const {
    return vocabulary_->id_to_token(id);
}

std::size_t WordLevel::vocab_size() const {
    return vocabulary_->size();
}

std::vector<std::pair<std::string_view, std::uint32_t>> WordLevel::vocabulary() const {
    return vocabulary_->items();
}

}  // namespace tokmill::stages
