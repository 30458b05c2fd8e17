#include "models/wordpiece.h"

#include "core/error.h"
#include "core/inline.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kMissing = TokenVocabulary::kMissing;

std::vector<std::string_view> texts_of(TokenVocabulary const& vocabulary) {
    std::vector<std::string_view> texts(vocabulary.size());
    for (std::uint32_t i = 0; i < vocabulary.size(); ++i) texts[i] = vocabulary.text(i);
    return texts;
}

}  // namespace

struct WordPiece::Tables {
    explicit Tables(std::vector<TokenVocabulary::Item> items)
        : vocabulary(std::move(items)), trie(texts_of(vocabulary)) {}
    TokenVocabulary vocabulary;
    PieceTrie trie;  // of entries
};

WordPiece::WordPiece(std::vector<TokenVocabulary::Item> vocabulary, WordPieceOptions options)
    : WordPiece(std::make_shared<Tables const>(std::move(vocabulary)), std::move(options)) {}

WordPiece::WordPiece(std::shared_ptr<Tables const> tables, WordPieceOptions options)
    : tables_(std::move(tables)), options_(std::move(options)) {
    unk_ = tables_->vocabulary.index().find(options_.unk_token);
    inside_ = tables_->trie.root();
    has_inside_ = tables_->trie.walk(inside_, options_.continuing_subword_prefix);
}

std::shared_ptr<WordPiece const> WordPiece::with_options(WordPieceOptions options) const {
    return std::shared_ptr<WordPiece const>(new WordPiece(tables_, std::move(options)));
}

bool WordPiece::is_too_long(std::string_view piece) const noexcept {
    if (piece.size() <= options_.max_input_chars_per_word) return false;
    std::size_t characters = 0;
    for (char const c : piece) characters += !is_continuation(static_cast<unsigned char>(c));
    return characters > options_.max_input_chars_per_word;
}

std::uint32_t WordPiece::unk_id() const {
    if (unk_ == kMissing) {
        throw Error(ErrorKind::invalid_input,
                    "WordPiece error: Missing [UNK] token from the vocabulary");
    }
    return tables_->vocabulary.id(unk_);
}

template <class Emit>
TOKMILL_INLINE bool WordPiece::split(std::string_view piece, Emit const& emit) const {
    PieceTrie const& trie = tables_->trie;
    auto const* const begin = reinterpret_cast<unsigned char const*>(piece.data());
    auto const* const end = begin + piece.size();
    PieceTrie::Node start = trie.root();
    for (auto const* at = begin; at != end;) {
        PieceTrie::Node node = start;
        PieceTrie::Node longest = 0;
        auto const* behind = at;
        for (auto const* p = at; p != end && trie.step(node, *p);) {
            ++p;
            if (PieceTrie::has_piece(node)) {
                longest = node;
                behind = p;
            }
        }
        if (behind == at) return false;
        emit(PieceTrie::piece(longest), static_cast<std::size_t>(at - begin),
             static_cast<std::size_t>(behind - begin));
        if (!has_inside_ && behind != end) return false;
        start = inside_;
        at = behind;
    }
    return true;
}

void WordPiece::tokenize(std::string_view piece, std::vector<Token>& tokens) const {
    TokenVocabulary const& vocabulary = tables_->vocabulary;
    std::size_t const before = tokens.size();
    auto const emit = [&](std::uint32_t entry, std::size_t begin, std::size_t end) {
        tokens.push_back({vocabulary.id(entry), std::string(vocabulary.text(entry)), {begin, end}});
    };
    if (!is_too_long(piece) && split(piece, emit)) return;
    tokens.resize(before);
    tokens.push_back({unk_id(), options_.unk_token, {0, piece.size()}});
}

void WordPiece::tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const {
    TokenVocabulary const& vocabulary = tables_->vocabulary;
    std::size_t const before = ids.size();
    auto const emit = [&](std::uint32_t entry, std::size_t, std::size_t) {
        ids.push_back(vocabulary.id(entry));
    };
    if (!is_too_long(piece) && split(piece, emit)) return;
    ids.resize(before);
    ids.push_back(unk_id());
}

std::optional<std::uint32_t> WordPiece::token_to_id(std::string_view token) const {
    return tables_->vocabulary.token_to_id(token);
}

std::optional<std::string_view> WordPiece::id_to_token(std::uint32_t id) const {
    return tables_->vocabulary.id_to_token(id);
}

std::size_t WordPiece::vocab_size() const {
    return tables_->vocabulary.size();
}

std::vector<std::pair<std::string_view, std::uint32_t>> WordPiece::vocabulary() const {
    return tables_->vocabulary.items();
}

}  // namespace tokmill::stages
