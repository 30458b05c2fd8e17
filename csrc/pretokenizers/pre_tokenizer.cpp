// What all stages that only cut have in common.
#include "pretokenizers/pre_tokenizer.h"

#include <stdexcept>

namespace tokmill::stages {

void PreTokenizer::pre_tokenize_plain(PlainPieces&) const {
    throw std::logic_error("a pre-tokenizer without a plain form");
}

void Cutter::pre_tokenize(PreTokenizedString& text) const {
    std::vector<Span> spans;
    text.split([&](std::size_t, NormalizedString const& piece) {
        spans.clear();
        cut(piece.normalized(), spans);
        std::vector<Piece> parts;
        parts.reserve(spans.size());
        for (Span const& span : spans) {
            parts.push_back({piece.slice(Referential::normalized, span).value(), std::nullopt});
        }
        return parts;
    });
}

void Cutter::pre_tokenize_plain(PlainPieces& pieces) const {
    cut_pieces(pieces, [&](std::string_view piece, std::vector<Span>& out) { cut(piece, out); });
}

}  // namespace tokmill::stages
