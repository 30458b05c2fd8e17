// PreTokenizedString: pieces, offsets in each unit, and the encoding made of them.
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "check.h"
#include "pretokenizers/character_index.h"
#include "stage_support.h"

namespace {

using namespace tokmill::test;
using namespace tokmill::stages;
using tokmill::Span;

TEST(character_index) {
    std::string text;
    std::vector<std::size_t> expected;
    std::size_t character = 0;
    while (text.size() < 300) {
        for (std::string const unit : {"a", "é", "中", "\U0001F600"}) {
            expected.insert(expected.end(), unit.size(), character++);
            text += unit;
        }
    }
    CharacterIndex const index(text);
    for (std::size_t at = 0; at < text.size(); ++at) CHECK_EQ(index.character_of(at), expected[at]);
    CHECK_EQ(index.characters({0, text.size()}), Span{0, character});
    CHECK_EQ(index.characters({1, 3}), Span{1, 2});
    // What lies outside is left as it is, or guessed as tokenizers guesses it.
    CHECK_EQ(index.characters({text.size(), text.size()}), Span{text.size(), text.size()});
    CHECK_EQ(index.characters({1, text.size() + 5}), Span{1, 3});
    CHECK_EQ(CharacterIndex("").characters({0, 0}), Span{0, 0});
}

TEST(views_of_pieces) {
    PreTokenizedString const pieces =
        cut(*pre_tokenizer(R"({"type":"Metaspace","replacement":"▁"})"), "é ab");
    auto const offsets = [&](Referential in, OffsetUnit unit) {
        std::vector<Span> spans;
        for (PieceView const& view : pieces.views(in, unit)) spans.push_back(view.offsets);
        return spans;
    };
    using Spans = std::vector<Span>;
    CHECK_EQ(offsets(Referential::original, OffsetUnit::bytes), Spans{{0, 2}, {2, 5}});
    CHECK_EQ(offsets(Referential::original, OffsetUnit::characters), Spans{{0, 1}, {1, 4}});
    CHECK_EQ(offsets(Referential::normalized, OffsetUnit::bytes), Spans{{0, 5}, {5, 10}});
}

// A token a byte.
class Bytes final : public Model {
 public:
    void tokenize(std::string_view piece, std::vector<Token>& tokens) const override {
        for (std::size_t i = 0; i < piece.size(); ++i) {
            auto const byte = static_cast<unsigned char>(piece[i]);
            tokens.push_back({byte, std::string(1, piece[i]), {i, i + 1}});
        }
    }
    std::optional<std::uint32_t> token_to_id(std::string_view) const override { return {}; }
    std::optional<std::string_view> id_to_token(std::uint32_t) const override { return {}; }
    std::size_t vocab_size() const override { return 256; }
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const override {
        return {};
    }
    char const* type() const override { return "BPE"; }
};

PreTokenizedString tokenized(std::string_view text) {
    PreTokenizedString pieces = cut(*pre_tokenizer(R"({"type":"WhitespaceSplit"})"), text);
    pieces.tokenize(Bytes());
    return pieces;
}

TEST(encoding_of_pieces) {
    using Numbers = std::vector<std::uint32_t>;
    Encoding const bytes = tokenized("é b").to_encoding(std::nullopt, 1, OffsetUnit::bytes);
    CHECK_EQ(bytes.ids, Numbers{0xC3, 0xA9, 'b'});
    // A token within a character stands for all of it.
    CHECK_EQ(bytes.offsets, std::vector<Span>{{0, 2}, {0, 2}, {3, 4}});
    CHECK_EQ(bytes.words, Numbers{0, 0, 1});
    CHECK_EQ(bytes.type_ids, Numbers{1, 1, 1});
    CHECK_EQ(bytes.attention_mask, Numbers{1, 1, 1});
    CHECK_EQ(bytes.tokens[2], "b");

    Encoding const characters = tokenized("é b").to_encoding(7, 0, OffsetUnit::characters);
    CHECK_EQ(characters.offsets, std::vector<Span>{{0, 1}, {0, 1}, {2, 3}});
    CHECK_EQ(characters.words, Numbers{7, 7, 7});

    Encoding const ids = tokenized("é b").to_encoding(7, 1, OffsetUnit::none);
    CHECK_EQ(ids.ids, bytes.ids);
    CHECK_EQ(ids.offsets, std::vector<Span>(3));
    CHECK_EQ(ids.words, Numbers(3, Encoding::kNoWord));
    CHECK_EQ(ids.tokens, Pieces{"", "", ""});
    CHECK_EQ(ids.type_ids, Numbers{0, 0, 0});

    CHECK_EQ(PreTokenizedString().to_encoding(0, 0, OffsetUnit::bytes).size(), 0);
    CHECK_THROWS(PreTokenizedString("a").to_encoding(0, 0, OffsetUnit::bytes));
}

TEST(finished_pieces_are_left_alone) {
    PreTokenizedString pieces("a-b");
    pieces.split([](std::size_t, NormalizedString const& text) {
        std::vector<Piece> parts;
        parts.push_back(
            {text.slice(Referential::normalized, {0, 1}).value(), std::vector<Token>{}});
        parts.push_back({text.slice(Referential::normalized, {1, 1}).value(), std::nullopt});
        parts.push_back({text.slice(Referential::normalized, {1, 3}).value(), std::nullopt});
        return parts;
    });
    CHECK_EQ(texts_of(pieces), Pieces{"a", "-b"});
    pre_tokenizer(R"({"type":"Punctuation"})")->pre_tokenize(pieces);
    CHECK_EQ(texts_of(pieces), Pieces{"a", "-", "b"});
    pieces.tokenize(Bytes());
    CHECK_EQ(std::move(pieces).to_encoding(std::nullopt, 0, OffsetUnit::bytes).words,
             std::vector<std::uint32_t>{1, 2});
}

TEST(a_cut_that_throws_leaves_nothing) {
    PreTokenizedString pieces("a");
    CHECK_THROWS(pieces.split([](std::size_t, NormalizedString const&) -> std::vector<Piece> {
        throw std::runtime_error("no");
    }));
    CHECK(pieces.pieces().empty());
}

TEST(empty_parts_of_matches) {
    NormalizedString const text("ab");
    auto const parts = split_by_matches(text, {{{0, 1}, false}, {{1, 1}, true}, {{1, 2}, false}},
                                        tokmill::SplitBehavior::isolated);
    CHECK_EQ(parts.size(), 3);
    CHECK_EQ(parts[1].normalized(), "");
}

}  // namespace
