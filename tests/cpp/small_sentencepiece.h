// Small SentencePiece models for tests and fuzz seeds.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sentencepiece/charsmap.h"
#include "sentencepiece/model_proto.h"
#include "sentencepiece/wire.h"

namespace tokmill::test {

struct SmallModel {
    sentencepiece::ModelType type = sentencepiece::ModelType::unigram;
    bool byte_fallback = false;
    bool dummy_prefix = true;
    bool collapse_spaces = true;
    bool space_as_suffix = false;
    std::vector<std::pair<std::string, std::string>> charsmap;  // sorted
    std::vector<std::pair<std::string, float>> pieces;
    std::vector<std::string> symbols;  // user-defined
    std::vector<std::string> unused;

    std::string bytes() const {
        using sentencepiece::PieceType;
        using sentencepiece::WireWriter;
        WireWriter model;
        auto const add = [&model](std::string_view text, float score, PieceType kind) {
            WireWriter piece;
            piece.bytes(1, text);
            piece.fixed32(2, std::bit_cast<std::uint32_t>(score));
            piece.varint(3, static_cast<std::uint64_t>(kind));
            model.bytes(1, piece.str());
        };
        add("<unk>", 0, PieceType::unknown);
        add("<s>", 0, PieceType::control);
        add("</s>", 0, PieceType::control);
        for (auto const& symbol : symbols) add(symbol, 0, PieceType::user_defined);
        if (byte_fallback) {
            constexpr char kDigits[] = "0123456789ABCDEF";
            for (unsigned i = 0; i < 256; ++i) {
                std::string const name{'<', '0', 'x', kDigits[i >> 4], kDigits[i & 15], '>'};
                add(name, 0, PieceType::byte);
            }
        }
        for (auto const& [text, score] : pieces) add(text, score, PieceType::normal);
        for (auto const& text : unused) add(text, -1.5f, PieceType::unused);
        WireWriter trainer;
        trainer.varint(3, static_cast<std::uint64_t>(type));
        trainer.varint(24, space_as_suffix ? 1 : 0);
        trainer.varint(35, byte_fallback ? 1 : 0);
        model.bytes(2, trainer.str());
        WireWriter normalizer;
        if (!charsmap.empty()) normalizer.bytes(2, sentencepiece::compile_charsmap(charsmap));
        normalizer.varint(3, dummy_prefix ? 1 : 0);
        normalizer.varint(4, collapse_spaces ? 1 : 0);
        model.bytes(3, normalizer.str());
        return model.take();
    }
};

// One of each kind.
inline std::vector<SmallModel> small_models() {
    using sentencepiece::ModelType;
    SmallModel unigram;
    unigram.pieces = {
        {"▁", -2.0f},  {"a", -3.0f},   {"b", -3.5f}, {"ab", -4.0f},           {"▁a", -3.25f},
        {"bc", -5.0f}, {"abc", -6.5f}, {"c", -4.0f}, {"\xE6\xBC\xA2", -7.0f}, {"ca", -6.0f}};
    unigram.charsmap = {{"\t", " "}, {"A", "a"}, {"x", ""}};
    SmallModel bpe = unigram;
    bpe.type = ModelType::bpe;
    SmallModel bytes = bpe;
    bytes.byte_fallback = true;
    bytes.dummy_prefix = bytes.collapse_spaces = false;
    bytes.charsmap.clear();
    SmallModel symbols = bpe;
    symbols.symbols = {"<x>", "cab", "▁▁"};
    symbols.unused = {"aba", "▁ab"};
    SmallModel unigram_symbols = symbols;
    unigram_symbols.type = ModelType::unigram;
    SmallModel word = symbols;
    word.type = ModelType::word;
    SmallModel character = symbols;
    character.type = ModelType::character;
    character.space_as_suffix = true;
    return {unigram, bpe, bytes, symbols, unigram_symbols, word, character};
}

}  // namespace tokmill::test
