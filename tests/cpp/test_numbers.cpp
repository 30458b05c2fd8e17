// Numerals, number vocabularies, and a tokenizer with a digit scheme over a small definition.
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "formats/load_tokenizer.h"
#include "numbers/envelope.h"
#include "numbers/number_spans.h"
#include "numbers/numbers_tokenizer.h"
#include "numbers/pieces.h"
#include "small_definitions.h"

using namespace tokmill;
using namespace tokmill::numbers;

namespace {

Scheme usual() {
    Scheme scheme;
    scheme.separators = {",", "'", "_", "\u2019", "\u00a0"};
    return scheme;
}

std::string pieces_of(std::string_view text, Scheme const& scheme = usual()) {
    Grammar const grammar(scheme);
    GroupCutter const cutter(scheme);
    std::string shown;
    for (Piece const& piece : find_pieces(text, grammar, cutter)) {
        if (!shown.empty()) shown += ' ';
        shown += "tpi.,f"[static_cast<std::size_t>(piece.kind)];
        shown += text.substr(piece.span.begin, piece.span.size());
        if (piece.power != 0) shown += ":" + std::to_string(piece.power);
    }
    return shown;
}

std::shared_ptr<NumbersTokenizer const> attached(Scheme scheme = usual()) {
    return std::make_shared<NumbersTokenizer const>(load_tokenizer(test::small_tokenizer_json()),
                                                    std::move(scheme), AttachOptions{});
}

std::vector<std::uint32_t> encoded(Tokenizer const& tokenizer, std::string_view text) {
    IdBuffer ids;
    tokenizer.encode({text.data(), text.size(), TextKind::bytes}, {}, ids);
    return {ids.begin(), ids.end()};
}

}  // namespace

TEST(numerals_of_the_grammar) {
    CHECK_EQ(pieces_of("12345678.1234"), "i12:6 i345:3 i678 .. f123:-1 f4:-2");
    CHECK_EQ(pieces_of("1,234,56"), "i1 t, i234 t, i56");
    CHECK_EQ(pieces_of("1,234.5"), "i1:3 ,, i234 .. f5:-1");
    CHECK_EQ(pieces_of("v1.2.3"), "tv p1 t. p2 t. p3");
    CHECK_EQ(pieces_of("0x1F 007"), "p0 tx p1 tF  p007");
    CHECK_EQ(pieces_of("\xff"
                       "5\x80"
                       "6"),
             "t\xff i5 t\x80 i6");
}

TEST(vocabulary_sizes) {
    Scheme scheme = usual();
    CHECK_EQ(NumberVocabulary(scheme).size(), 12145u);
    scheme.leading_zeros = true;
    CHECK_EQ(NumberVocabulary(scheme).size(), 12210u);
    scheme.mode = Mode::context;
    CHECK_EQ(NumberVocabulary(scheme).size(), 11004u);
}

TEST(schemes_are_read_back) {
    Scheme scheme = usual();
    scheme.mode = Mode::context;
    scheme.exempt = {"\\d{4}"};
    CHECK(scheme_from_json(to_json(scheme)) == scheme);
    CHECK_THROWS(scheme_from_json("{}"));
    CHECK_THROWS(scheme_from_json(test::edited(to_json(scheme), "\"group\": 3", "\"group\": 9")));
}

TEST(random_texts_round_trip) {
    std::mt19937 random(5);
    std::vector<std::string> const parts{"0", "12", "345", ".",      ",", "e",    "-",
                                         " ", "a",  "_",   "\u00a0", "x", "\xff", "<s>"};
    for (Mode const mode : {Mode::surface, Mode::context}) {
        for (Overflow const overflow : {Overflow::plain, Overflow::horner}) {
            Scheme scheme = usual();
            scheme.mode = mode;
            scheme.overflow = overflow;
            scheme.integer_digits = scheme.fraction_digits = 6;
            auto const tokenizer = attached(scheme);
            for (int n = 0; n < 3000; ++n) {
                std::string text;
                for (std::size_t i = random() % 12; i > 0; --i) {
                    text += parts[random() % parts.size()];
                }
                std::string decoded;
                tokenizer->decode(encoded(*tokenizer, text), false, decoded);
                CHECK_EQ(decoded, text);
            }
        }
    }
}

TEST(values_of_spans) {
    auto const tokenizer = attached();
    auto const ids = encoded(*tokenizer, "a 1,234.5e-6 b .25");
    auto const spans = find_number_spans(*tokenizer, ids);
    CHECK_EQ(spans.size(), 2u);
    if (spans.size() != 2) return;
    CHECK_EQ(spans[0].integer, "1234");
    CHECK_EQ(spans[0].fraction, "5");
    CHECK_EQ(spans[0].exponent, "-6");
    CHECK_EQ(spans[1].fraction, "25");
}

TEST(envelopes_are_opened_and_refused) {
    auto const tokenizer = attached();
    std::string const data = tokenizer->portable_form();
    CHECK(load_tokenizer(data)->digest() == tokenizer->digest());
    for (std::size_t size = 0; size < 200; ++size) {
        CHECK_THROWS(load_portable(std::string_view(data).substr(0, size)));
    }
    // One inside another must not be followed.
    Envelope outer;
    outer.scheme = usual();
    outer.base = data;
    CHECK_THROWS(load_tokenizer(seal(outer)));
}
