// Recognition of the word patterns: real ones in many spellings, near misses, and every option
// against the general matcher.
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/span.h"
#include "pretokenizers/word_pattern.h"
#include "pretokenizers/word_stepper.h"
#include "regex/matcher.h"
#include "word_patterns.h"

namespace {

using namespace tokmill;
using namespace tokmill::test;
using regex::Dialect;
using Contraction = WordPattern::Contraction;
using Letters = WordPattern::Letters;
using Newlines = WordPattern::Newlines;
using Prefix = WordPattern::Prefix;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    std::size_t const at = text.find(from);
    CHECK(at != std::string::npos);
    if (at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

std::string const kContractions = "'s|'t|'re|'ve|'m|'ll|'d";
std::string const kUpper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
std::string const kLower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
std::string const kPrefix = "[^\\r\\n\\p{L}\\p{N}]?";
std::string const kSpaces = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

std::string const kGpt2 =
    kContractions + "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
std::string const kLlama3 = "(?i:" + kContractions + ")|" + kPrefix +
                            "\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" + kSpaces;
std::string const kCl100k =
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| "
    "?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
std::string const kTail = "(?i:" + kContractions + ")?";
std::string const kO200k = kPrefix + kUpper + "*" + kLower + "+" + kTail + "|" + kPrefix + kUpper +
                           "+" + kLower + "*" + kTail +
                           "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + kSpaces;
std::string const kTekken = kPrefix + kUpper + "*" + kLower + "+|" + kPrefix + kUpper + "+" +
                            kLower + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + kSpaces;

bool recognized(std::string const& pattern, Dialect dialect,
                std::optional<WordPattern> const& expected) {
    return recognize_word_pattern(pattern, dialect) == expected;
}

bool recognized(std::string const& pattern, std::optional<WordPattern> const& expected) {
    return recognized(pattern, Dialect::onig, expected) &&
           recognized(pattern, Dialect::fancy, expected);
}

}  // namespace

TEST(word_pattern_gpt2_spellings) {
    CHECK(recognized(kGpt2, gpt2()));
    CHECK(
        recognized("'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|"
                   "\\s+(?!\\S)|\\s",
                   Dialect::fancy, gpt2()));
    // The same text means the same in Oniguruma: after all white space $ holds at the end only.
    CHECK(
        recognized("'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|"
                   "\\s+(?!\\S)|\\s",
                   Dialect::onig, gpt2()));
    CHECK(recognized(replaced(kGpt2, "[^\\s\\p{L}\\p{N}]", "[^\\p{N}\\s\\p{L}]"), gpt2()));
    CHECK(
        recognized(replaced(kGpt2, " ?\\p{L}+| ?\\p{N}+", " ?\\p{N}+|(?:[ ])?(\\p{L}+)"), gpt2()));
    CHECK(recognized(replaced(kGpt2, "'s|'t", "(?:'t|'s)"), gpt2()));
    CHECK(recognized(replaced(kGpt2, "\\s+(?!\\S)|\\s+", "\\s+(?=\\s|\\z)|\\s"), gpt2()));
    CHECK(recognized("\\u0027s|" + kGpt2, gpt2()));
}

TEST(word_pattern_cl100k_spellings) {
    CHECK(recognized(kLlama3, llama3()));
    WordPattern qwen = llama3();
    qwen.max_digits = 1;
    CHECK(recognized(replaced(kLlama3, "\\p{N}{1,3}", "\\p{N}"), qwen));
    CHECK(recognized(replaced(kLlama3, "(?i:" + kContractions + ")", "'(?i:[sdmt]|ll|ve|re)"),
                     llama3()));
    CHECK(recognized(replaced(kLlama3, "\\s*[\\r\\n]+", "\\s*[\\n\\r]"), llama3()));
    CHECK(recognized(kCl100k, Dialect::fancy, cl100k()));
    // {1,3}+ repeats in Oniguruma.
    WordPattern repeated = cl100k();
    repeated.max_digits = 0;
    CHECK(recognized(kCl100k, Dialect::onig, repeated));
}

TEST(word_pattern_later_families) {
    CHECK(recognized(kO200k, o200k()));
    WordPattern tekken = o200k();
    tekken.contraction = Contraction::none;
    tekken.max_digits = 1;
    CHECK(recognized(kTekken, tekken));
    WordPattern marks = llama3();
    marks.letters = Letters::letters_and_marks;
    marks.max_digits = 1;
    marks.punctuation_excludes_marks = true;
    CHECK(recognized("(?i:" + kContractions + ")|" + kPrefix +
                         "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" + kSpaces,
                     marks));
    WordPattern starcoder = gpt2();
    starcoder.number_takes_space = false;
    starcoder.max_digits = 1;
    CHECK(recognized(replaced(kGpt2, " ?\\p{N}+", "\\p{N}"), starcoder));
}

TEST(word_pattern_near_misses) {
    auto const none = std::nullopt;
    CHECK(recognized(replaced(kGpt2, "|'ll", ""), none));
    CHECK(recognized(replaced(kGpt2, "'s|'t", "(?i:'s)|'t"), none));
    CHECK(recognized(replaced(kGpt2, " ?\\p{L}+", " ?[A-Za-z]+"), none));
    CHECK(recognized(replaced(kGpt2, " ?\\p{L}+", "\\p{L}+"), none));
    CHECK(recognized(replaced(kGpt2, " ?\\p{L}+", "\\s?\\p{L}+"), none));
    CHECK(recognized(replaced(kGpt2, "\\p{N}+", "\\d+"), none));
    CHECK(recognized(replaced(kGpt2, "\\s+(?!\\S)|", ""), none));
    CHECK(recognized(replaced(kGpt2, "(?!\\S)", "(?!\\w)"), none));
    CHECK(recognized(replaced(kLlama3, "{1,3}", "{3}"), none));
    CHECK(recognized(replaced(kLlama3, "{1,3}", "{2,3}"), none));
    CHECK(recognized(replaced(kLlama3, "[\\r\\n]*", "[\\r\\n]?"), none));
    CHECK(recognized(replaced(kLlama3, "[\\r\\n]*", "\\n*"), none));
    CHECK(recognized(replaced(kLlama3, "\\s*[\\r\\n]+", "[\\r\\n]+"), none));
    CHECK(recognized(replaced(kLlama3, "\\s*[\\r\\n]+", "\\s*\\n+"), none));
    CHECK(recognized(replaced(kLlama3, "[^\\r\\n\\p{L}\\p{N}]?", "[^\\n\\p{L}\\p{N}]?"), none));
    CHECK(recognized(replaced(kO200k, "\\p{Lt}", ""), none));
    CHECK(recognized(replaced(kO200k, "(?i:" + kContractions + ")?", ""), none));
    CHECK(recognized("[\\p{Han}]+|" + kO200k, none));
    CHECK(recognized(kGpt2 + "|x", gpt2()));  // never reached
    CHECK(recognized("x|" + kGpt2, none));
    CHECK(recognized("\\p{N}{1,3}", none));
    CHECK(recognized("", none));
    CHECK(recognized("(", none));
    CHECK(recognized("(a)\\1", none));
    // $ at every line end: not the same as at the end of the text.
    std::string const end_first = replaced(kLlama3, "|\\s*[", "|\\s+$|\\s*[");
    WordPattern options = llama3();
    options.newlines = Newlines::end_first;
    CHECK(recognized(end_first, Dialect::fancy, options));
    CHECK(recognized(end_first, Dialect::onig, none));
}

namespace {

std::vector<WordPattern> all_options() {
    std::vector<WordPattern> all;
    for (unsigned i = 0; i < 4u * 2 * 4 * 2 * 3 * 3 * 3; ++i) {
        unsigned rest = i;
        auto const take = [&](unsigned n) {
            unsigned const value = rest % n;
            rest /= n;
            return value;
        };
        WordPattern options;
        options.contraction = static_cast<Contraction>(take(4));
        options.prefix = static_cast<Prefix>(take(2));
        unsigned const letters = take(4);
        options.letters = letters == 3 ? Letters::letters_and_marks : static_cast<Letters>(letters);
        options.punctuation_excludes_marks = letters == 3;
        options.number_takes_space = take(2) != 0;
        options.max_digits = static_cast<std::uint8_t>(take(3));
        unsigned const punctuation = take(3);
        options.punctuation_takes_newlines = punctuation > 0;
        options.punctuation_takes_slashes = punctuation > 1;
        options.newlines = static_cast<Newlines>(take(3));
        all.push_back(options);
    }
    return all;
}

std::string random_text(std::mt19937& random) {
    static std::vector<std::string> const pieces = {
        "a",      "b",          "A",       "B",      "s",      "S",      "'",      "'",
        "ll",     "'Re",        "'\u017f", "1",      "2",      "\u00bd", " ",      " ",
        "  ",     "\n",         "\r\n",    "\t",     "\u00a0", "\u2028", "!",      "/",
        "-",      "\u0301",     "\u0903",  "\u01c5", "\u02b0", "\u6f22", "\u3042", "\u00e9",
        "\u0416", "\U0001f600", "\u200d",  "\x01"};
    std::string text;
    for (unsigned n = 1 + random() % 14; n > 0; --n) text += pieces[random() % pieces.size()];
    return text;
}

bool same_tokens(WordStepper const& stepper, std::string const& text,
                 std::vector<Span> const& matches) {
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    auto const* const end = begin + text.size();
    auto const* at = begin;
    for (Span match : matches) {
        auto const* const next = at < end ? stepper.step(at, end) : at;
        if (match.begin != static_cast<std::size_t>(at - begin) ||
            match.end != static_cast<std::size_t>(next - begin))
            return false;
        at = next;
    }
    return at == end;
}

}  // namespace

TEST(word_pattern_every_option_is_recognized) {
    std::mt19937 random(11);
    for (WordPattern const& options : all_options()) {
        if (random() % 12 != 0) continue;  // each takes milliseconds
        Dialect const dialect = random() % 2 ? Dialect::onig : Dialect::fancy;
        std::string const pattern = canonical_pattern(options);
        bool const found = recognized(pattern, dialect, options);
        CHECK(found);
        if (!found) CHECK_EQ(pattern, "");  // prints it
    }
}

TEST(word_pattern_means_what_the_stepper_does) {
    std::mt19937 random(12);
    for (WordPattern const& options : all_options()) {
        if (random() % 3 != 0) continue;
        WordStepper const stepper(options);
        std::string const pattern = canonical_pattern(options);
        auto const matcher = regex::Matcher::compile(pattern, Dialect::fancy);
        for (int i = 0; i < 60; ++i) {
            std::string const text = random_text(random);
            std::vector<Span> matches;
            matcher->find_all(text, matches);
            bool const same = same_tokens(stepper, text, matches);
            CHECK(same);
            if (!same) CHECK_EQ(pattern, text);  // prints both
        }
    }
}
