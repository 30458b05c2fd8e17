// Canonical sequences of greedy longest match against all encodings of all short texts, and byte
// fallback.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytelm/character_fallback.h"
#include "bytelm/greedy_canonicality.h"
#include "canonical_support.h"
#include "check.h"

using namespace tokmill;
using namespace tokmill::bytelm;
using namespace tokmill::test;

namespace {

Tokens random_tokens(Random& random, std::string_view letters, std::size_t size) {
    Tokens tokens{std::nullopt};
    for (std::size_t i = 0; i < size; ++i) {
        std::string token;
        for (std::size_t n = 1 + below(random, 4); n > 0; --n) {
            token += letters[below(random, letters.size())];
        }
        tokens.emplace_back(token);
    }
    return tokens;
}

}  // namespace

TEST(greedy_canonical_bytes) {
    Random random(1);
    for (int round = 0; round < 50; ++round) {
        Tokens const tokens = random_tokens(random, "abc", 3 + below(random, 12));
        ByteVocabulary const vocabulary = make_vocabulary(tokens);
        CanonicalOracle const oracle(longest_match(tokens), {"a", "b", "c"}, 6);
        oracle.check(vocabulary, *make_greedy_canonicality(vocabulary, {}, nullptr), 6,
                     count_bytes);
    }
}

TEST(greedy_canonical_pieces) {
    PreTokenizer const steps[] = {
        split(" ", false, SplitBehavior::merged_with_next),
        split(R"('b| ?[ab]+|'+|\s+(?!\S)|\s+)", true, SplitBehavior::isolated),
        split("ab", false, SplitBehavior::isolated),
    };
    Random random(2);
    for (int round = 0; round < 30; ++round) {
        PreTokenizer const& step = steps[round % 3];
        Tokens const tokens = random_tokens(random, "ab' ", 4 + below(random, 12));
        ByteVocabulary const vocabulary = make_vocabulary(tokens);
        CanonicalOracle const oracle(in_pieces(longest_match(tokens), cutter(step)),
                                     {"a", "b", "'", " "}, 7);
        oracle.check(vocabulary, *make_greedy_canonicality(vocabulary, {}, boundaries_of(step)), 4,
                     count_bytes);
    }
}

// Words as in BERT: punctuation stands alone, words of more than three letters are not encoded.
TEST(greedy_canonical_words) {
    Random random(3);
    PreTokenizer const step = split(" ", false, SplitBehavior::merged_with_next);
    for (int round = 0; round < 30; ++round) {
        Tokens tokens{std::nullopt, " .", " a.", "."};
        for (std::size_t i = 3 + below(random, 9); i > 0; --i) {
            std::string token = random() % 2 != 0 ? " " : "";
            for (std::size_t n = 1 + below(random, 3); n > 0; --n) token += "ab"[random() % 2];
            tokens.emplace_back(token);
        }
        auto const is_text = [](std::string_view piece) {
            bool const has_dot = piece.find('.') != piece.npos;
            return piece != " " && piece.size() <= 4 && (!has_dot || piece == " .");
        };
        Encode const encode = [&](std::string_view piece) {
            return is_text(piece) ? longest_match(tokens)(piece) : std::nullopt;
        };
        auto const absent = std::make_unique<bool[]>(tokens.size());
        auto const closing = std::make_unique<bool[]>(tokens.size());
        absent[2] = absent[3] = closing[1] = true;
        GreedyModel model;
        model.absent = {absent.get(), tokens.size()};
        model.closing = {closing.get(), tokens.size()};
        model.max_characters = 4;
        ByteVocabulary const vocabulary = make_vocabulary(tokens);
        CanonicalOracle const oracle(in_pieces(encode, cutter(step)), {"a", "b", ".", " "}, 7);
        oracle.check(vocabulary, *make_greedy_canonicality(vocabulary, model, boundaries_of(step)),
                     7, count_bytes);
    }
}

TEST(greedy_canonical_refuses) {
    ByteVocabulary const vocabulary = make_vocabulary({"a"});
    bool const flags[2] = {};
    GreedyModel model;
    model.absent = flags;
    CHECK_THROWS(make_greedy_canonicality(vocabulary, model, nullptr));
}

TEST(character_fallback_spells_unknown_characters) {
    std::array<std::uint32_t, 256> places{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) places[byte] = 1000 - byte;
    // All of ASCII but the line feed, all from U+0080 on that begin with 0xC3, and one more.
    std::vector<std::uint32_t> known{0x4E2D, 0xD800};
    for (std::uint32_t c = 0; c < 0x80; ++c) {
        if (c != '\n') known.push_back(c);
    }
    for (std::uint32_t c = 0xC0; c < 0x100; ++c) known.push_back(c);
    CharacterFallback const fallback(places, known);
    CHECK_EQ(fallback.place(7), 993u);
    CHECK_EQ(fallback.byte_at(993), 7);
    CHECK_EQ(fallback.byte_at(5), -1);
    CHECK(fallback.allows({}, '\n'));
    CHECK(!fallback.allows({}, 'a'));
    CHECK(!fallback.allows({}, 0xC3));
    CHECK(fallback.allows({}, 0xC4));
    CHECK(!fallback.allows({}, 0xC0));
    CHECK(!fallback.allows({}, 0xF5));
    CHECK(!fallback.allows({}, 0x80));
    CHECK(CharacterFallback::append({}, '\n').is_between());
    auto const spelled = [&](std::string_view bytes) {
        CharacterFallback::Part part;
        for (char const c : bytes) {
            if (!fallback.allows(part, static_cast<unsigned char>(c))) return false;
            part = CharacterFallback::append(part, static_cast<unsigned char>(c));
        }
        return part.is_between();
    };
    CHECK(spelled("\xE4\xB8\xAC\xF0\x9F\x98\x80\xEF\xBF\xBF\n"));
    CHECK(!spelled("\xE4\xB8\xAD"));
    CHECK(!spelled("\xE4\xB8"));
    CHECK(!spelled("\xED\xA0\x80"));
    CHECK(!spelled("\xE0\x9F\xBF"));
    CHECK(!spelled("\xF4\x90\x80\x80"));
    CHECK(spelled("\xF4\x8F\xBF\xBF"));
}
