#include "models/unigram_trie.h"

namespace tokmill::stages {

UnigramTrie::UnigramTrie(std::span<std::string_view const> pieces, std::span<double const> scores,
                         double unk_score) {
    PieceTrie const trie(pieces);
    LargeVector<PieceTrie::Node> const& nodes = trie.nodes();
    nodes_.resize(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::uint32_t const piece = PieceTrie::piece(nodes[i]);
        nodes_[i] = {nodes[i], piece == PieceTrie::kNoPiece ? kNoScore : scores[piece]};
    }
    add_characters(pieces, unk_score);
}

void UnigramTrie::add_characters(std::span<std::string_view const> pieces, double unk_score) {
    Node const unknown{PieceTrie::nowhere(), unk_score};
    pages_.assign(0x110000 / kPage, 0);
    characters_.assign(kPage, unknown);
    for (std::string_view const piece : pieces) {
        if (piece.empty()) continue;
        DecodedChar const first = decode_char(reinterpret_cast<unsigned char const*>(piece.data()));
        std::uint16_t& page = pages_[first.code_point / kPage];
        if (page == 0) {
            page = static_cast<std::uint16_t>(characters_.size() / kPage);
            characters_.resize(characters_.size() + kPage, unknown);
        }
        Node& character = characters_[page * kPage + first.code_point % kPage];
        if (character.link != unknown.link) continue;
        character.link = PieceTrie::root();
        for (char const c : piece.substr(0, first.size)) {
            step(character, static_cast<unsigned char>(c));
        }
        if (!character.has_piece()) character.score = unk_score;
    }
}

}  // namespace tokmill::stages
