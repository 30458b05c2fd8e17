#include "pretokenizers/pre_tokenized_string.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "pretokenizers/character_index.h"
#include "pretokenizers/split_behavior.h"

namespace tokmill::stages {

namespace {

std::optional<CharacterIndex> character_index(std::string const& text, OffsetUnit unit) {
    if (unit != OffsetUnit::characters) return std::nullopt;
    return CharacterIndex(text);
}

// Where a token of a piece stands in the original, in bytes. A range that has no counterpart there
// is left as it is.
Span original_bytes(NormalizedString const& piece, Span token) {
    std::optional<Span> const within = piece.to_original(token);
    if (!within) return token;
    std::size_t const begin = piece.original_span().begin;
    return {begin + within->begin, begin + within->end};
}

Encoding ids_alone(std::vector<Piece> const& pieces) {
    Encoding encoding;
    for (Piece const& piece : pieces) {
        for (Token const& token : *piece.tokens) encoding.ids.push_back(token.id);
    }
    std::size_t const count = encoding.ids.size();
    encoding.type_ids.assign(count, 0);
    encoding.tokens.resize(count);
    encoding.words.assign(count, Encoding::kNoWord);
    encoding.offsets.resize(count);
    encoding.special_tokens_mask.assign(count, 0);
    encoding.attention_mask.assign(count, 1);
    return encoding;
}

}  // namespace

PreTokenizedString::PreTokenizedString(NormalizedString text) : original_(text.original()) {
    pieces_.push_back({std::move(text), std::nullopt});
}

void PreTokenizedString::split(Cut const& cut) {
    std::vector<Piece> before = std::exchange(pieces_, {});
    std::vector<Piece> after;
    after.reserve(before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i].tokens) {
            after.push_back(std::move(before[i]));
            continue;
        }
        std::vector<Piece> parts = cut(i, std::move(before[i].text));
        std::erase_if(parts, [](Piece const& part) { return part.text.normalized().empty(); });
        if (before.size() == 1) {
            // The usual case: a whole text, whose many pieces need no second list.
            after = std::move(parts);
        } else {
            std::move(parts.begin(), parts.end(), std::back_inserter(after));
        }
    }
    pieces_ = std::move(after);
}

void PreTokenizedString::normalize(Normalizer const& normalizer) {
    for (Piece& piece : pieces_) {
        if (!piece.tokens) normalizer.normalize(piece.text);
    }
}

void PreTokenizedString::tokenize(Model const& model) {
    for (Piece& piece : pieces_) {
        if (piece.tokens) continue;
        std::vector<Token> tokens;
        model.tokenize(piece.text.normalized(), tokens);
        piece.tokens = std::move(tokens);
    }
}

std::vector<PieceView> PreTokenizedString::views(Referential in, OffsetUnit unit) const {
    std::optional<CharacterIndex> const index = character_index(original_, unit);
    std::vector<PieceView> views;
    views.reserve(pieces_.size());
    std::size_t at = 0;
    for (Piece const& piece : pieces_) {
        std::string const& text = piece.text.normalized();
        Span offsets = piece.text.original_span();
        if (in == Referential::normalized) offsets = {at, at + text.size()};
        at += text.size();
        if (index) offsets = index->characters(offsets);
        views.push_back({text, offsets, piece.tokens ? &*piece.tokens : nullptr});
    }
    return views;
}

Encoding PreTokenizedString::to_encoding(std::optional<std::uint32_t> word, std::uint32_t type_id,
                                         OffsetUnit unit) && {
    for (Piece const& piece : pieces_) {
        if (!piece.tokens) {
            throw Error(ErrorKind::invalid_input,
                        "Split has not been tokenized, call `PreTokenizedString::tokenize` first");
        }
    }
    if (unit == OffsetUnit::none) return ids_alone(pieces_);
    std::optional<CharacterIndex> const index = character_index(original_, unit);
    Encoding encoding;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        for (Token& token : *pieces_[i].tokens) {
            Span const offsets = original_bytes(pieces_[i].text, token.span);
            encoding.ids.push_back(token.id);
            encoding.tokens.push_back(std::move(token.value));
            encoding.offsets.push_back(index ? index->characters(offsets) : offsets);
            encoding.words.push_back(word.value_or(static_cast<std::uint32_t>(i)));
        }
    }
    std::size_t const count = encoding.ids.size();
    encoding.type_ids.assign(count, type_id);
    encoding.special_tokens_mask.assign(count, 0);
    encoding.attention_mask.assign(count, 1);
    return encoding;
}

std::vector<NormalizedString> split_by_matches(NormalizedString const& text,
                                               std::vector<std::pair<Span, bool>> const& matches,
                                               SplitBehavior behavior) {
    std::vector<NormalizedString> parts;
    for (Span const& span : apply_behavior(matches, behavior)) {
        // Matches cover whole characters of the text, so there is always such a part.
        parts.push_back(text.slice(Referential::normalized, span).value());
    }
    return parts;
}

}  // namespace tokmill::stages
