// What the tests of pre-tokenizers and decoders share.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/stage_readers.h"

namespace tokmill::test {

inline stages::PreTokenizerPtr pre_tokenizer(std::string_view json) {
    json::Reader reader(json);
    json::Value const value = reader.value();
    return stages::read_pre_tokenizer(value, DefinitionFile(reader));
}

inline stages::DecoderPtr decoder(std::string_view json) {
    json::Reader reader(json);
    json::Value const value = reader.value();
    return stages::read_decoder(value, DefinitionFile(reader));
}

using Pieces = std::vector<std::string>;

inline stages::PreTokenizedString cut(stages::PreTokenizer const& stage, std::string_view text) {
    stages::PreTokenizedString pieces{std::string(text)};
    stage.pre_tokenize(pieces);
    return pieces;
}

inline Pieces texts_of(stages::PreTokenizedString const& pieces) {
    Pieces texts;
    for (stages::Piece const& piece : pieces.pieces()) texts.push_back(piece.text.normalized());
    return texts;
}

inline std::vector<Span> offsets_of(stages::PreTokenizedString const& pieces,
                                    stages::OffsetUnit unit) {
    std::vector<Span> offsets;
    for (auto const& view : pieces.views(stages::Referential::original, unit)) {
        offsets.push_back(view.offsets);
    }
    return offsets;
}

// The pieces of the form without alignments.
inline Pieces plain_texts(stages::PreTokenizer const& stage, std::string_view text) {
    stages::PlainPieces pieces(text);
    stage.pre_tokenize_plain(pieces);
    Pieces texts;
    for (Span const& span : pieces.spans) texts.emplace_back(pieces.piece(span));
    return texts;
}

}  // namespace tokmill::test
