// The boundary automaton against the pre-tokenizers: what it accepts for the beginning of a text
// must be exactly what some complete text is cut to.
#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "boundary_support.h"
#include "bytelm/boundary_automaton.h"
#include "check.h"
#include "core/error.h"
#include "formats/known_encodings.h"

using namespace tokmill;
using bytelm::BoundaryAutomaton;
using bytelm::Utf8Rule;
using regex::Dialect;
using test::BoundaryComparison;
using test::BoundaryMarks;

namespace {

using Steps = std::vector<PreTokenizer>;

PreTokenizer split(std::string pattern, SplitBehavior behavior = SplitBehavior::isolated,
                   bool invert = false) {
    PreTokenizer step;
    step.pattern = std::move(pattern);
    step.behavior = behavior;
    step.invert = invert;
    return step;
}

PreTokenizer literal(std::string pattern, SplitBehavior behavior) {
    PreTokenizer step = split(std::move(pattern), behavior);
    step.pattern_is_regex = false;
    return step;
}

PreTokenizer digits(bool individual) {
    PreTokenizer step;
    step.kind = PreTokenizerKind::digits;
    step.individual_digits = individual;
    return step;
}

PreTokenizer byte_level(bool use_regex) {
    PreTokenizer step;
    step.kind = PreTokenizerKind::byte_level;
    step.use_regex = use_regex;
    return step;
}

// One or more characters of every kind that the patterns tell apart.
std::vector<std::string> const& characters() {
    static std::vector<std::string> const all{
        "s", "t", "r", "e", "v", "m", "l", "d", "S", "L", "E", "a", "A", "Z", "0", "1", "9", " ",
        " ", "\n", "\r", "\t", "'", ".", "/", "-", "_", "\u00a0", "\u0085", "\u3000", "\u00e9",
        "\u00c9", "\u017f", "\u01c5", "\u02b0", "\u4e2d", "\u3042", "\u0301", "\u0903", "\u00b2",
        "\u0663", "\u200b", "\u2019", "\u0378", "\ud55c", "\ue000",
        // Beyond the first plane: emoji, letters, a selector.
        "\xf0\x9f\x98\x80", "\xf0\x90\x90\x80", "\xf0\x9d\x92\x9c", "\xf3\xa0\x84\x80"};
    return all;
}

std::vector<std::string> const& broken_bytes() {
    static std::vector<std::string> const all{
        "\x80",         "\xff",     "\xc3",         "\xe4",     "\xe4\xb8", "\xf0\x9f",
        "\xf0\x9f\x98", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90", "\xe0\x80"};
    return all;
}

// A few kinds of characters a text, so that they meet each other.
std::string random_text(std::mt19937& random, Utf8Rule rule) {
    std::array<std::string const*, 4> kinds;
    for (auto& kind : kinds) kind = &characters()[random() % characters().size()];
    std::string text;
    for (std::size_t i = random() % 9; i > 0; --i) {
        bool const broken = rule == Utf8Rule::any && random() % 40 == 0;
        text += broken ? broken_bytes()[random() % broken_bytes().size()]
                       : *kinds[random() % kinds.size()];
    }
    return text;
}

void check_beginning(BoundaryComparison& comparison, std::string const& begin, std::size_t ends,
                     std::string const& what) {
    std::size_t count = 0;
    for (auto const& [marks, state] : comparison.possible(begin))
        count += comparison.automaton().may_end(state);
    if (count != ends)
        test::failures().add(
            __FILE__, __LINE__,
            what + ": " + std::to_string(count) + " ways to end " + test::quote(begin));
    std::string const unreal = comparison.unreal(begin);
    if (!unreal.empty()) test::failures().add(__FILE__, __LINE__, what + ": " + unreal);
}

void check_text(BoundaryComparison& comparison, std::string const& text, std::string const& what) {
    if (!comparison.follows(text))
        test::failures().add(__FILE__, __LINE__, what + " does not follow " + test::quote(text));
}

void check_random_texts(Steps const& steps, Dialect dialect, std::string const& what,
                        std::size_t rounds = 120) {
    std::mt19937 random(7);
    for (Utf8Rule const rule : {Utf8Rule::any, Utf8Rule::strict}) {
        BoundaryComparison comparison(steps, dialect, rule);
        for (std::size_t i = 0; i < rounds; ++i) {
            std::string text = random_text(random, rule);
            check_text(comparison, text, what);
            if (i % 2 == 0 && !text.empty()) text.resize(text.size() - random() % 2);
            bool const may_end =
                rule == Utf8Rule::any || simd::valid_utf8_prefix(text) == text.size();
            check_beginning(comparison, text, may_end, what);
        }
    }
}

// Everything that happens with texts over two letters.
void check_all_texts(Steps const& steps, Dialect dialect, std::size_t length) {
    std::string what;
    for (PreTokenizer const& step : steps) what += step.pattern + "  ";
    BoundaryComparison comparison(steps, dialect, Utf8Rule::strict);
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; i < texts.size() && texts[i].size() < length; ++i) {
        for (char const letter : {'a', 'b'}) texts.push_back(texts[i] + letter);
    }
    for (std::string const& text : texts) {
        check_text(comparison, text, what);
        check_beginning(comparison, text, 1, what);
    }
}

// A random expression over a and b.
class RandomPattern {
 public:
    explicit RandomPattern(std::mt19937& random) : random_(random) {}

    std::string make(unsigned depth) {
        switch (depth == 0 ? 0 : below(8)) {
            case 0:
                return one_of({"a", "b", "[ab]", "[^a]", "."});
            case 1:
            case 2:
                return make(depth - 1) + make(depth - 1);
            case 3:
                return "(?:" + make(depth - 1) + "|" + make(depth - 1) + ")";
            case 4:
            case 5:
                return "(?:" + make(depth - 1) + ")" +
                       one_of({"*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{1,3}", "++"});
            case 6:
                return one_of({"(?=", "(?!", "(?<=", "(?<!", "(?>"}) + make(depth - 1) + ")";
            default:
                return one_of({"$", "^", "\\b"});
        }
    }

 private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    std::string one_of(std::vector<std::string> const& choices) {
        return choices[random_() % choices.size()];
    }

    std::mt19937& random_;
};

constexpr char kRightAligned[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N})))"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// Digits in threes, Chinese and Japanese by themselves, and then words: DeepSeek-V3.
Steps digits_then_words() {
    return {split(R"(\p{N}{1,3})"), split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
            split(R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?)"
                  R"([\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
            byte_level(false)};
}

std::string pattern_of(std::string_view encoding) {
    return find_known_encoding(encoding)->pattern;
}

// The marks that are possible for a beginning, in ascending order.
std::vector<BoundaryMarks> possible(Steps const& steps, std::string_view begin,
                                    Utf8Rule rule = Utf8Rule::any) {
    BoundaryComparison const comparison(steps, Dialect::onig, rule);
    std::vector<BoundaryMarks> all;
    for (auto const& [marks, state] : comparison.possible(begin)) all.push_back(marks);
    std::sort(all.begin(), all.end());
    return all;
}

using AllMarks = std::vector<BoundaryMarks>;

}  // namespace

TEST(boundary_patterns_in_use) {
    for (std::string_view const name :
         {"gpt2", "cl100k_base", "o200k_base", "llama3", "qwen", "whisper_multilingual"})
        check_random_texts({split(pattern_of(name))}, Dialect::fancy, std::string(name));
    check_random_texts({split(kRightAligned)}, Dialect::onig, "right-aligned digits");
}

TEST(boundary_sequences) {
    check_random_texts({byte_level(true)}, Dialect::onig, "byte_level");
    check_random_texts({digits(true), byte_level(true)}, Dialect::onig, "digits, byte_level");
    check_random_texts({digits(false), byte_level(true)}, Dialect::onig, "runs of digits");
    check_random_texts(digits_then_words(), Dialect::onig, "digits, then words");
    check_random_texts({split(R"(\d{1,3}(?=(\d{3})*(?!\d)))"), byte_level(true)}, Dialect::onig,
                       "right-aligned digits first");
    check_random_texts({split(R"(\s)", SplitBehavior::contiguous, true),
                        literal("'", SplitBehavior::merged_with_previous), digits(false)},
                       Dialect::onig, "joining");
    check_random_texts(
        {split(pattern_of("llama3"), SplitBehavior::removed, true), byte_level(false)},
        Dialect::onig, "removed, inverted");
    check_random_texts({}, Dialect::onig, "no step", 40);
}

TEST(boundary_all_short_texts) {
    std::vector<std::string> const patterns{
        "a+",
        "a+?",
        "ab|a",
        "a(?=b)",
        "a(?!b)",
        "a{2}(?=(?:aa)*(?!a))",
        "(?<=ab)a",
        "(?<!a)b+",
        "(?<=(?:ab)+)a",
        "(?=a(?<=ba))a|b",
        "a*",
        "b??",
        "\\b",
        "^a|b$",
        "(?:a|ab)(?:b|ba)",
        "a++b|a",
        "(?>a|ab)b?",
        "(?:a(?!bb)|b(?=ab))+",
        "aabb|a",
    };
    for (std::string const& pattern : patterns) {
        for (auto const behavior : {SplitBehavior::isolated, SplitBehavior::merged_with_previous,
                                    SplitBehavior::merged_with_next, SplitBehavior::contiguous}) {
            check_all_texts({split(pattern, behavior)}, Dialect::onig, 7);
            check_all_texts({split(pattern, behavior, true)}, Dialect::fancy, 6);
        }
    }
}

TEST(boundary_random_patterns) {
    std::mt19937 random(11);
    RandomPattern pattern(random);
    std::size_t checked = 0;
    for (std::size_t i = 0; i < 150; ++i) {
        Steps steps;
        for (std::size_t n = 1 + random() % 3; n > 0; --n)
            steps.push_back(split(pattern.make(1 + random() % 4),
                                  static_cast<SplitBehavior>(1 + random() % 4), random() % 3 == 0));
        Dialect const dialect = random() % 2 != 0 ? Dialect::onig : Dialect::fancy;
        try {
            check_all_texts(steps, dialect, 6);
            ++checked;
        } catch (Error const&) {
            // Not every expression can be matched exactly.
        }
    }
    CHECK(checked > 80);
}

TEST(boundary_examples) {
    Steps const gpt2{byte_level(true)};
    // A contraction, if a letter follows that completes it.
    CHECK_EQ(possible(gpt2, "'r"), AllMarks{"10", "11"});
    CHECK_EQ(possible(gpt2, "'x"), AllMarks{"11"});
    // The last of several spaces belongs to the word that follows.
    CHECK_EQ(possible(gpt2, "  "), AllMarks{"10", "11"});
    CHECK_EQ(possible(gpt2, "  a"), AllMarks{"110"});
    Steps const right{split(R"(\d{1,3}(?=(?:\d{3})*(?!\d)))")};
    CHECK_EQ(possible(right, "1234"), AllMarks{"1001", "1010", "1100"});
    CHECK_EQ(possible(right, "1234."), AllMarks{"11001"});
    CHECK_EQ(possible({}, "a b"), AllMarks{"100"});
}

TEST(boundary_incomplete_characters) {
    Steps const gpt2{byte_level(true)};
    // U+00E9 is a letter, U+00D7 is not, and both begin with this byte.
    CHECK_EQ(possible(gpt2, "a\xc3", Utf8Rule::strict), AllMarks{"10", "11"});
    CHECK_EQ(possible(gpt2, "a\xc3\xa9", Utf8Rule::strict), AllMarks{"100"});
    CHECK_EQ(possible(gpt2, "a\xc3\x97", Utf8Rule::strict), AllMarks{"110"});
    // All that begins with these two bytes is a letter.
    CHECK_EQ(possible(gpt2, "a\xe4\xb8", Utf8Rule::strict), AllMarks{"100"});
    CHECK_EQ(possible(gpt2, "a\xff", Utf8Rule::strict), AllMarks{});
    // What is not UTF-8 is never cut off from what stands before it.
    CHECK_EQ(possible(gpt2, "a \xff z"), AllMarks{"11000"});
    CHECK_EQ(possible(gpt2, "\xff z"), AllMarks{"100"});
    CHECK_EQ(possible(gpt2, "a\xc3"), AllMarks{"10", "11"});
    CHECK_EQ(possible(gpt2, "a\xff"), AllMarks{"10"});
}

TEST(boundary_unite) {
    Steps const gpt2{byte_level(true)};
    BoundaryComparison const comparison(gpt2, Dialect::onig, Utf8Rule::any);
    BoundaryAutomaton const& automaton = comparison.automaton();
    auto const cut = comparison.run("'r", "11");
    auto const joined = comparison.run("'r", "10");
    auto const both = automaton.unite(cut, joined);
    CHECK_EQ(automaton.unite(joined, cut), both);
    CHECK_EQ(automaton.unite(both, cut), both);
    CHECK_EQ(automaton.unite(cut, BoundaryAutomaton::kDead), cut);
    CHECK(automaton.may_end(cut));
    CHECK(!automaton.may_end(joined));
    CHECK(automaton.may_end(both));
    for (unsigned byte = 0; byte < 256; ++byte) {
        for (bool const mark : {false, true}) {
            auto const b = static_cast<unsigned char>(byte);
            CHECK_EQ(
                automaton.step(both, b, mark),
                automaton.unite(automaton.step(cut, b, mark), automaton.step(joined, b, mark)));
        }
    }
}

TEST(boundary_refusals) {
    auto const kind_of = [](Steps const& steps) -> std::string {
        try {
            static_cast<void>(BoundaryAutomaton::compile(steps, Dialect::onig, Utf8Rule::any));
            return "none";
        } catch (Error const& error) {
            return error.kind() == ErrorKind::unsupported_tokenizer ? error.what() : "other";
        }
    };
    CHECK_EQ(kind_of({split("a", SplitBehavior::removed)}),
             std::string("pre_tokenizer step 1: Split that removes text is not supported"));
    CHECK_EQ(kind_of({split("a+|[^a]", SplitBehavior::removed, true)}), std::string("none"));
    CHECK_EQ(kind_of({split("a", SplitBehavior::removed, true)}),
             std::string("pre_tokenizer step 1: Split that removes text is not supported"));
    // Behind the first step no piece holds both letters.
    CHECK_EQ(kind_of({split("a"), split("ab", SplitBehavior::removed)}), std::string("none"));
    CHECK_EQ(kind_of({byte_level(false), split("a")}),
             std::string("pre_tokenizer step 2: cuts behind ByteLevel are not supported"));
    CHECK_EQ(kind_of({byte_level(true), byte_level(false)}), std::string("none"));
    CHECK(kind_of({split("a.{40}b.{40}")}) != "none");
}

TEST(boundary_threads) {
    Steps const steps{split(pattern_of("o200k_base"))};
    auto const automaton = BoundaryAutomaton::compile(steps, Dialect::fancy, Utf8Rule::any);
    BoundaryComparison const comparison(steps, Dialect::fancy, Utf8Rule::any);
    std::vector<std::string> texts;
    std::mt19937 random(3);
    for (std::size_t i = 0; i < 300; ++i) texts.push_back(random_text(random, Utf8Rule::any));
    std::array<std::vector<BoundaryAutomaton::State>, 4> ends;
    std::vector<std::thread> threads;
    for (auto& end : ends) {
        threads.emplace_back([&] {
            for (std::string const& text : texts) {
                BoundaryMarks const marks = comparison.marks(text);
                auto state = automaton->start();
                for (std::size_t i = 0; i < text.size(); ++i)
                    state = automaton->step(state, static_cast<unsigned char>(text[i]),
                                            marks[i] == '1');
                end.push_back(
                    automaton->may_end(state) ? automaton->unite(state, automaton->start()) : 0);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (auto const& end : ends) {
        CHECK_EQ(end, ends[0]);
        CHECK(std::find(end.begin(), end.end(), BoundaryAutomaton::kDead) == end.end());
    }
}
