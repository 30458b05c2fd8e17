// Numerals, number vocabularies, and a tokenizer with a digit scheme over a small definition.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "formats/load_tokenizer.h"
#include "numbers/easy_numerals.h"
#include "numbers/envelope.h"
#include "numbers/number_cuts.h"
#include "numbers/number_spans.h"
#include "numbers/numbers_tokenizer.h"
#include "numbers/passages.h"
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

// What a scan tells.
struct Scan {
    std::vector<Numeral> numerals;
    std::vector<std::size_t> ends;

    static constexpr bool full() noexcept { return false; }
    void numeral(Numeral const& numeral) { numerals.push_back(numeral); }
    std::size_t resume(std::size_t end) {
        ends.push_back(end);
        return end;
    }
    bool ends_at(std::size_t place) const {
        return std::find(ends.begin(), ends.end(), place) != ends.end();
    }
    // All of it that is in a part of the text.
    std::string in(std::size_t begin, std::size_t end) const {
        std::string shown;
        for (Numeral const& numeral : numerals) {
            if (numeral.end <= begin || numeral.begin >= end) continue;
            for (std::size_t const place :
                 {numeral.begin, numeral.int_end, numeral.frac_begin, numeral.end}) {
                shown += std::to_string(place - begin) + " ";
            }
            shown += std::to_string(static_cast<int>(numeral.plain)) + " " +
                     std::to_string(numeral.separator) + (numeral.exponent ? "e;" : ";");
        }
        for (std::size_t const place : ends) {
            if (place > begin && place <= end) shown += " " + std::to_string(place - begin);
        }
        return shown;
    }
};

Scan scan_of(std::string_view text, Grammar const& grammar) {
    Scan scan;
    grammar.scan(text, scan);
    return scan;
}

}  // namespace

TEST(passages_are_the_same_everywhere) {
    std::mt19937 random(6);
    std::vector<std::string> const parts{"0", "7", "12", "345", "6789",   ".",    ",",      "e",
                                         "-", " ", "a",  "_",   "'",      "\n",   "\u00a0", "x",
                                         "+", ";", "0x", "]",   "\u00e9", "1,234"};
    Scheme indian = usual(), german = usual(), long_zeros = usual(), horner = usual();
    indian.indian = true;
    german.point = ',';
    german.separators = {".", " ", "\u00a0"};
    long_zeros.leading_zeros = true;
    long_zeros.min_digits = 2;
    horner.overflow = Overflow::horner;
    for (Scheme const& scheme : {usual(), indian, german, long_zeros, horner}) {
        Grammar const grammar(scheme);
        PassageEnds const passage_ends(scheme);
        auto const random_text = [&] {
            std::size_t const kinds = 4 + random() % (parts.size() - 4);
            std::string text;
            while (text.size() < 60 + kinds * 8) text += parts[random() % kinds];
            return text;
        };
        int seen = 0;
        for (int n = 0; n < 1500; ++n) {
            std::string const text = random_text();
            Scan const scan = scan_of(text, grammar);
            for (std::size_t const begin : scan.ends) {
                // Behind a literal such as 0x1F there is no passage.
                if (!Grammar::is_digit(text[begin - 1])) continue;
                std::size_t looked = 0;
                auto const end = passage_ends.find(text, begin, looked);
                if (!end) continue;
                // The same passage in another text.
                std::string other = random_text() + parts[random() % 5];
                std::size_t const shift = other.size();
                other += text.substr(begin, *end - begin) + parts[random() % parts.size()] +
                         random_text();
                looked = 0;
                auto const other_end = passage_ends.find(other, shift, looked);
                if (other_end != shift + *end - begin) continue;
                Scan const other_scan = scan_of(other, grammar);
                bool const begins =
                    other_scan.ends_at(shift) && Grammar::is_digit(other[shift - 1]);
                if (!begins) continue;
                ++seen;
                CHECK_EQ(other_scan.in(shift, *other_end), scan.in(begin, *end));
            }
        }
        CHECK(seen > 1000);
    }
}

// Whatever EasyNumerals takes behind a number is what the grammar finds there.
TEST(easy_numerals_are_those_of_the_grammar) {
    std::mt19937 random(7);
    std::vector<std::string> const parts{
        "0", "7",  "12", "345", ",", ".",  "-",  " ",      "\n", "6789",   "1234567", "000",
        "a", "e4", "_",  "'",   ")", "0x", ", ", "\u00a0", "é",  "\u3001", "(",       "\x80"};
    Scheme german = usual(), few = usual(), bare = usual(), zeros = usual();
    german.point = ',';
    german.separators = {".", " ", "\u00a0"};
    few.integer_digits = 6;
    few.fraction_digits = 4;
    bare.separators = {};
    zeros.leading_zeros = true;
    for (Scheme const& scheme : {usual(), german, few, bare, zeros}) {
        Grammar const grammar(scheme);
        CHECK(grammar.easy_rules().apply);
        int seen = 0;
        for (int n = 0; n < 4000; ++n) {
            std::size_t const kinds = 6 + random() % (parts.size() - 5);
            std::string text;
            std::size_t const size = random() % 300;
            while (text.size() < size) text += parts[random() % kinds];
            Scan const scan = scan_of(text, grammar);
            for (std::size_t i = 0; i < scan.numerals.size(); ++i) {
                bool const is_taken = scan.numerals[i].plain == Plain::no;
                if (!is_taken || !scan.ends_at(scan.numerals[i].end)) continue;
                EasyNumerals easy(grammar.easy_rules(), text, scan.numerals[i].end);
                EasyNumerals::Found found;
                for (std::size_t k = i + 1;; ++k, ++seen) {
                    auto next = easy.next(found);
                    if (next == EasyNumerals::Next::far) {
                        std::size_t const digit = grammar.next_digit(text, easy.reached());
                        if (digit == text.size()) break;
                        easy.skip_to(digit);
                        next = easy.next(found);
                    }
                    if (next != EasyNumerals::Next::easy) break;
                    CHECK(k < scan.numerals.size());
                    Numeral const& numeral = scan.numerals[k];
                    CHECK(numeral.plain == Plain::no && !numeral.exponent);
                    CHECK_EQ(int{numeral.separator}, int{Numeral::kNoSeparator});
                    CHECK_EQ(found.begin, numeral.begin);
                    CHECK_EQ(std::size_t{found.integer}, numeral.int_digits);
                    CHECK_EQ(std::size_t{found.fraction}, numeral.fraction_digits());
                    CHECK_EQ(found.end(), numeral.end);
                }
            }
        }
        CHECK(seen > 10000);
    }
}

// Two ways to the same ids: all parts of a text together, and one after the other.
TEST(ids_are_the_same_with_offsets) {
    std::mt19937 random(8);
    std::vector<std::string> const parts{"0",
                                         "7",
                                         "12",
                                         "345",
                                         "98765.4321",
                                         ".",
                                         ",",
                                         " ",
                                         "\n",
                                         "-",
                                         ", ",
                                         ".5",
                                         "1,234",
                                         "007",
                                         "a",
                                         " ab",
                                         "abc",
                                         "e4",
                                         "é",
                                         "<s>",
                                         "0x1F",
                                         "((",
                                         "): ",
                                         "12345678901234567890",
                                         " a longer stretch of text"};
    auto const tokenizer = attached();
    for (int n = 0; n < 6000; ++n) {
        std::size_t const kinds = 8 + random() % (parts.size() - 7);
        std::string text;
        for (std::size_t i = random() % 300; i > 0; --i) text += parts[random() % kinds];
        TextRef const ref{text.data(), text.size(), TextKind::bytes};
        IdBuffer ids;
        std::vector<std::int64_t> spans;
        tokenizer->encode_with_offsets(ref, {}, OffsetUnit::byte, ids, spans);
        std::vector<std::uint32_t> const wanted(ids.begin(), ids.end());
        CHECK(encoded(*tokenizer, text) == wanted);
        CHECK_EQ(tokenizer->count(ref, {}), wanted.size());
    }
}

// Both sides of a cut become the ids that they become alone.
TEST(texts_are_cut_between_numbers) {
    std::mt19937 random(9);
    std::vector<std::string> const parts{
        "0",      "7",      "12", "345", ".", ",",  " ",  "\n", "-",  "e",   "\t",
        "1,234",  "007",    "a",  " ab", "_", "'s", "0x", "é",  "。", ")",   "]; ",
        "\u00a0", "\u2019", "'",  "+",   "E", "1F", "!",  "  ", "中", "\r\n"};
    Scheme german = usual(), spaced = usual(), context = usual(), reversed = usual();
    german.point = ',';
    german.separators = {".", " ", "\u00a0"};
    spaced.separators = {" ", "\t", ";"};
    context.mode = Mode::context;
    context.leading_zeros = true;
    reversed.policy = Policy::reversed;
    for (Scheme const& scheme : {usual(), german, spaced, context, reversed}) {
        auto const tokenizer = attached(scheme);
        NumberCuts const cuts(scheme);
        CHECK(cuts.exist());
        int seen = 0;
        for (int n = 0; n < 3000; ++n) {
            std::size_t const kinds = 8 + random() % (parts.size() - 7);
            std::string text;
            for (std::size_t i = random() % 30; i > 0; --i) text += parts[random() % kinds];
            auto const whole = encoded(*tokenizer, text);
            for (std::size_t at = 1; at < text.size(); ++at, ++seen) {
                at = cuts.find(text, at);
                if (at == text.size()) break;
                auto both = encoded(*tokenizer, text.substr(0, at));
                auto const right = encoded(*tokenizer, text.substr(at));
                both.insert(both.end(), right.begin(), right.end());
                CHECK(both == whole);
            }
        }
        CHECK(seen > 1000);
    }
}

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
