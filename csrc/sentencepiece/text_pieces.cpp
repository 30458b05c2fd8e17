#include "sentencepiece/text_pieces.h"

#include <bit>

#include "sentencepiece/wire.h"

namespace tokmill::sentencepiece {

std::string serialize(TextPieces const& pieces) {
    WireWriter message;
    message.bytes(1, pieces.text);
    for (TextPiece const& piece : pieces.pieces) {
        WireWriter inner;
        inner.bytes(1, piece.text);
        inner.varint(2, piece.id);
        if (piece.surface) inner.bytes(3, *piece.surface);
        inner.varint(4, piece.begin);
        inner.varint(5, piece.end);
        message.bytes(2, inner.str());
    }
    if (pieces.score) message.fixed32(3, std::bit_cast<std::uint32_t>(*pieces.score));
    return message.take();
}

std::string serialize(std::vector<TextPieces> const& candidates) {
    WireWriter message;
    for (TextPieces const& candidate : candidates) message.bytes(1, serialize(candidate));
    return message.take();
}

}  // namespace tokmill::sentencepiece
