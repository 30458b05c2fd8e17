// WordPiece: the longest piece at each place, from left to right; a word that does not come out
// even is unknown as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/piece_trie.h"
#include "models/token_vocabulary.h"

namespace tokmill::stages {

struct WordPieceOptions {
    std::string unk_token = "[UNK]";
    std::string continuing_subword_prefix = "##";
    std::size_t max_input_chars_per_word = 100;

    bool operator==(WordPieceOptions const&) const = default;
};

class WordPiece final : public Model {
 public:
    WordPiece(std::vector<TokenVocabulary::Item> vocabulary, WordPieceOptions options);

    // The same vocabulary with other options.
    std::shared_ptr<WordPiece const> with_options(WordPieceOptions options) const;
    WordPieceOptions const& options() const noexcept { return options_; }

    void tokenize(std::string_view piece, std::vector<Token>& tokens) const override;
    void tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const override;
    std::optional<std::uint32_t> token_to_id(std::string_view token) const override;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const override;
    std::size_t vocab_size() const override;
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const override;
    char const* type() const override { return "WordPiece"; }

 private:
    struct Tables;
    WordPiece(std::shared_ptr<Tables const> tables, WordPieceOptions options);

    bool is_too_long(std::string_view piece) const noexcept;
    std::uint32_t unk_id() const;
    // Calls `emit(entry, begin, end)` for each part; false if the word does not come out even.
    template <class Emit>
    bool split(std::string_view piece, Emit const& emit) const;

    std::shared_ptr<Tables const> tables_;
    WordPieceOptions options_;
    std::uint32_t unk_ = TokenVocabulary::kMissing;  // entry
    // Where words go on: the node behind the prefix.
    PieceTrie::Node inside_ = 0;
    bool has_inside_ = false;
};

}  // namespace tokmill::stages
