// A text cut into pieces, with the place of each: the result of encoding and of decoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill::sentencepiece {

struct TextPiece {
    std::string text;
    std::uint32_t id = 0;
    std::optional<std::string> surface;  // what it stands for; byte pieces but the last have none
    std::uint32_t begin = 0, end = 0;    // of the surface, in bytes
};

struct TextPieces {
    std::string text;
    std::vector<TextPiece> pieces;
    std::optional<float> score;
};

// As the messages SentencePieceText and NBestSentencePieceText.
std::string serialize(TextPieces const& pieces);
std::string serialize(std::vector<TextPieces> const& candidates);

}  // namespace tokmill::sentencepiece
