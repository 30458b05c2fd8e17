// The regular-expression layer: what each dialect's syntax means (expectations taken from
// tokenizers 0.23.3 and tiktoken 0.14.0), what is refused, and the matcher against a plain
// backtracking interpreter of syntax trees.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/span.h"
#include "core/utf8_decode.h"
#include "regex/equivalence.h"
#include "regex/matcher.h"
#include "regex/parser.h"
#include "regex/reference_quirks.h"
#include "regex/rewrite.h"

namespace {

using namespace tokmill;
using regex::Dialect;
using regex::Matcher;
using regex::Node;
using regex::NodeKind;

using Strings = std::vector<std::string>;

std::vector<Span> spans(std::string_view pattern, Dialect dialect, std::string_view text) {
    std::vector<Span> matches;
    Matcher::compile(pattern, dialect)->find_all(text, matches);
    return matches;
}

Strings find(std::string_view pattern, Dialect dialect, std::string_view text) {
    Strings result;
    for (Span match : spans(pattern, dialect, text))
        result.emplace_back(text.substr(match.begin, match.size()));
    return result;
}

Strings onig(std::string_view pattern, std::string_view text) {
    return find(pattern, Dialect::onig, text);
}

Strings fancy(std::string_view pattern, std::string_view text) {
    return find(pattern, Dialect::fancy, text);
}

// "unsupported 12", "invalid 3" or "accepted".
std::string refusal(std::string_view pattern, Dialect dialect) {
    try {
        Matcher::compile(pattern, dialect);
    } catch (Error const& error) {
        std::string const kind =
            error.kind() == ErrorKind::unsupported_tokenizer ? "unsupported " : "invalid ";
        return kind + std::to_string(error.position());
    }
    return "accepted";
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

}  // namespace

TEST(regex_alternatives_and_quantifiers) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("a|ab", d, "ab"), Strings{"a"});
        CHECK_EQ(find("ab|a", d, "abaa"), Strings{"ab", "a", "a"});
        CHECK_EQ(find("a{2}", d, "aaaaa"), Strings{"aa", "aa"});
        CHECK_EQ(find("a{,2}b", d, "aaab"), Strings{"aab"});
        CHECK_EQ(find("a{1,3}?b?", d, "aaab"), Strings{"a", "a", "ab"});
        CHECK_EQ(find("<.+?>", d, "<a><b>"), Strings{"<a>", "<b>"});
        CHECK_EQ(find("<.+>", d, "<a><b>"), Strings{"<a><b>"});
        CHECK_EQ(find("a{x}", d, "a{x}"), Strings{"a{x}"});
        CHECK_EQ(find("(?:a|ab)(?:c|bcd)", d, "abcd"), Strings{"abcd"});
        CHECK_EQ(find("a(?#comment)b", d, "ab"), Strings{"ab"});
        CHECK_EQ(find("(?x) a # c\n b", d, "ab"), Strings{"ab"});
    }
    // A repeated interval in one dialect, a possessive one in the other.
    CHECK_EQ(onig("a{2}+a", "aaaaa"), Strings{"aaaaa"});
    CHECK_EQ(fancy("a{2}+a", "aaaaa"), Strings{"aaa"});
    CHECK_EQ(onig("a{3,}+a", "aaaa"), Strings{"aaaa"});
    CHECK_EQ(fancy("a{3,}+a", "aaaa"), Strings{});
    // Swapped limits are possessive in Oniguruma, {n}? is an optional {n}, quantifiers stack.
    CHECK_EQ(onig("a{3,1}a", "aaa"), Strings{});
    CHECK_EQ(onig("a{3,1}a", "aaaa"), Strings{"aaaa"});
    CHECK_EQ(onig("a{2}?", "aaa"), onig("(?:aa)?", "aaa"));
    CHECK_EQ(onig("a**", "aaab"), onig("a*", "aaab"));
    CHECK_EQ(fancy("(?U)a+", "aaa"), Strings{"a", "a", "a"});
}

TEST(regex_empty_matches_advance_like_the_iterators) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(spans("a*", d, "baac"), std::vector<Span>{{0, 0}, {1, 3}, {4, 4}});
        CHECK_EQ(spans("(?=a)", d, "xaxa"), std::vector<Span>{{1, 1}, {3, 3}});
        CHECK_EQ(spans("", d, "\u00e9x"), std::vector<Span>{{0, 0}, {2, 2}, {3, 3}});
        CHECK_EQ(spans("", d, ""), std::vector<Span>{{0, 0}});
        CHECK_EQ(spans("a", d, ""), std::vector<Span>{});
        CHECK_EQ(spans("(?:a|)", d, "ab"), std::vector<Span>{{0, 1}, {2, 2}});
    }
}

TEST(regex_anchors) {
    CHECK_EQ(spans("$", Dialect::onig, "a\nb\n"), std::vector<Span>{{1, 1}, {3, 3}, {4, 4}});
    CHECK_EQ(spans("$", Dialect::fancy, "a\nb\n"), std::vector<Span>{{4, 4}});
    CHECK_EQ(spans("(?m)$", Dialect::fancy, "a\nb\n"), std::vector<Span>{{1, 1}, {3, 3}, {4, 4}});
    // Oniguruma sees no line after the last newline.
    CHECK_EQ(spans("^", Dialect::onig, "a\nb\n"), std::vector<Span>{{0, 0}, {2, 2}});
    CHECK_EQ(spans("^", Dialect::fancy, "a\nb\n"), std::vector<Span>{{0, 0}});
    CHECK_EQ(spans("(?m)^", Dialect::fancy, "a\nb\n"), std::vector<Span>{{0, 0}, {2, 2}, {4, 4}});
    CHECK_EQ(spans("\\Z", Dialect::onig, "a\n\n"), std::vector<Span>{{2, 2}, {3, 3}});
    CHECK_EQ(spans("\\Z", Dialect::fancy, "a\n\n"), std::vector<Span>{{1, 1}, {2, 2}, {3, 3}});
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(spans("\\z", d, "a\n"), std::vector<Span>{{2, 2}});
        CHECK_EQ(spans("\\Aa", d, "aa"), std::vector<Span>{{0, 1}});
        CHECK_EQ(find("\\b\\w+\\b", d, "ab, c\u0301d"), Strings{"ab", "c\u0301d"});
        CHECK_EQ(spans("\\B", d, "ab"), std::vector<Span>{{1, 1}});
    }
    // Oniguruma takes superscripts and fractions of Latin-1 for word characters, but not in
    // classes.
    CHECK_EQ(onig("\\w", "\u00b2\u00bd"), Strings{"\u00b2", "\u00bd"});
    CHECK_EQ(onig("[\\w]", "\u00b2\u00bd"), Strings{});
    CHECK_EQ(fancy("\\w", "\u00b2\u00bd"), Strings{});
    CHECK_EQ(fancy("\\b{start}\\w", "ab cd"), Strings{"a", "c"});
    CHECK_EQ(fancy("\\w\\>", "ab cd"), Strings{"b", "d"});
}

TEST(regex_dot_and_newlines) {
    CHECK_EQ(onig(".", "a\n"), Strings{"a"});
    CHECK_EQ(onig("(?m).", "a\n"), Strings{"a", "\n"});
    CHECK_EQ(fancy("(?m).", "a\n"), Strings{"a"});
    CHECK_EQ(fancy("(?s).", "a\n"), Strings{"a", "\n"});
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("\\R", d, "\r\n\n\r"), Strings{"\r\n", "\n", "\r"});
        CHECK_EQ(find("\\R\n", d, "\r\n"), Strings{});
        CHECK_EQ(find("\\O\\N", d, "\na\n\n"), Strings{"\na"});
    }
}

TEST(regex_inline_flags_reach) {
    // To the end of the enclosing group, alternatives included ...
    CHECK_EQ(onig("a(?i)b|c", "aB ac C c"), Strings{"aB", "ac"});
    CHECK_EQ(onig("((?i)a)b", "aB AB Ab"), Strings{"Ab"});
    // ... and in fancy-regex out of a plain group, but not out of one with flags.
    CHECK_EQ(fancy("a(?i)b|c", "aB ac C c"), Strings{"aB", "c", "C", "c"});
    CHECK_EQ(fancy("((?i)a)b", "aB AB Ab"), Strings{"aB", "AB", "Ab"});
    CHECK_EQ(fancy("(?:(?i)a)b", "aB AB Ab"), Strings{"Ab"});
}

TEST(regex_ignore_case) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("(?i:'s)", d, "'s'S'\u017f'x"), Strings{"'s", "'S", "'\u017f"});
        CHECK_EQ(find("(?i)k", d, "kK\u212a"), Strings{"k", "K", "\u212a"});
        CHECK_EQ(find("(?i:[a-z])", d, "K\u017fA\u00e9"), Strings{"K", "\u017f", "A"});
        CHECK_EQ(find("(?i:[^a-z])", d, "K\u017fA\u00e9"), Strings{"\u00e9"});
    }
    // A property outside of brackets.
    CHECK_EQ(onig("(?i:\\p{Ll})", "aA"), Strings{"a"});
    CHECK_EQ(fancy("(?i:\\p{Ll})", "aA"), Strings{"a", "A"});
    CHECK_EQ(fancy("(?i:\\P{Lu})", "aA1"), Strings{"1"});
    // Nested classes: folded once at the outside, or at every level.
    CHECK_EQ(onig("(?i)[^[^a]]", "aAb"), Strings{});
    CHECK_EQ(fancy("(?i)[^[^a]]", "aAb"), Strings{"a", "A"});
    CHECK_EQ(onig("(?i:[a-z&&[^AEIOU]])+", "bBaAE"), Strings{"bBaAE"});
    CHECK_EQ(fancy("(?i:[a-z&&[^AEIOU]])+", "bBaAE"), Strings{"bB"});
    // Oniguruma's multi-character foldings are refused wherever they could matter.
    CHECK_EQ(refusal("(?i:ss)", Dialect::onig), "unsupported 5");
    CHECK_EQ(refusal("(?i:first)", Dialect::onig), "unsupported 5");
    CHECK_EQ(refusal("(?i:\u00df)", Dialect::onig), "unsupported 4");
    CHECK_EQ(refusal("(?i:[\u00df])", Dialect::onig), "unsupported 4");
    CHECK_EQ(refusal("(?i:[^\u00df])", Dialect::onig), "accepted");
    CHECK_EQ(fancy("(?i:ss)", "sS\u00df"), Strings{"sS"});
}

TEST(regex_classes) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("[]a]", d, "]a"), Strings{"]", "a"});
        CHECK_EQ(find("[^]a]", d, "]ab"), Strings{"b"});
        CHECK_EQ(find("[a-]", d, "a-b"), Strings{"a", "-"});
        CHECK_EQ(find("[-a]", d, "a-b"), Strings{"a", "-"});
        CHECK_EQ(find("[a-c-e]", d, "abd-e"), Strings{"a", "b", "-", "e"});
        CHECK_EQ(find("[a-z&&[^aeiou]]+", d, "abcde"), Strings{"bcd"});
        CHECK_EQ(find("[a-z&&b-d&&c-f]", d, "abcdef"), Strings{"c", "d"});
        CHECK_EQ(find("[^a-z&&[^aeiou]]+", d, "abcdeE"), Strings{"a", "eE"});
        CHECK_EQ(find("[a&&]", d, "a&"), Strings{});
        CHECK_EQ(find("[a&b]", d, "a&b"), Strings{"a", "&", "b"});
        CHECK_EQ(find("[a[^b]]", d, "ab"), Strings{"a"});
        CHECK_EQ(find("[[:alpha:][:^digit:]]", d, "a1 "), Strings{"a", " "});
        CHECK_EQ(find("[\\b\\]\\-]", d, "\b]-"), Strings{"\b", "]", "-"});
        CHECK_EQ(find("[\\u0041\\x{42}]", d, "AB"), Strings{"A", "B"});
        CHECK_EQ(find("(?x)[ a]", d, " a"), Strings{" ", "a"});
        CHECK_EQ(refusal("[b-a]", d).substr(0, 7), "invalid");
        CHECK_EQ(refusal("[a", d), "invalid 0");
    }
    CHECK_EQ(onig("[--a]", ".-a"), Strings{".", "-", "a"});
    CHECK_EQ(fancy("[--a]", ".-a"), Strings{"-", "a"});
    CHECK_EQ(onig("[a-c--b]", "abc-"), Strings{"a", "b", "c", "-"});
    CHECK_EQ(fancy("[a-c--b]", "abc-"), Strings{"a", "c"});
    CHECK_EQ(fancy("[a-c~~b-d]", "abcd"), Strings{"a", "d"});
    // Oniguruma loses members of some classes that come down to ASCII through two negations.
    CHECK_EQ(refusal("[^[^\\P{ASCII}]]", Dialect::onig).substr(0, 11), "unsupported");
    CHECK_EQ(onig("[^[^\\W]]", "a-\u00e9\u3000"), Strings{"-", "\u3000"});
    CHECK_EQ(onig("[[:punct:]]", "$!"), Strings{"$", "!"});
    CHECK_EQ(onig("\\p{Punct}", "$!"), Strings{"!"});
    CHECK_EQ(fancy("[[:alpha:]]", "a\u00e9"), Strings{"a"});
    CHECK_EQ(onig("[[:alpha:]]", "a\u00e9"), Strings{"a", "\u00e9"});
}

TEST(regex_properties) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("\\p{L}+", d, "a\u00e9\u6f221"), Strings{"a\u00e9\u6f22"});
        CHECK_EQ(find("\\p{^L}\\P{^L}", d, "1a"), Strings{"1a"});
        CHECK_EQ(find("\\p{Uppercase_Letter}\\p{ lowercase letter }", d, "Aa"), Strings{"Aa"});
        CHECK_EQ(find("[\\p{Han}\\p{Katakana}]+", d, "\u6f22\u30ab\u3042"),
                 Strings{"\u6f22\u30ab"});
        CHECK_EQ(find("[\\p{L}&&[^\\p{Han}]]+", d, "a\u6f22b"), Strings{"a", "b"});
        CHECK_EQ(refusal("a\\p{Klingon}", d), "unsupported 1");
    }
    CHECK_EQ(fancy("\\pL\\PN", "ab"), Strings{"ab"});
    CHECK_EQ(onig("\\pL", "pL"), Strings{"pL"});
}

TEST(regex_look_around) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("\\s+(?!\\S)|\\s+", d, "  a \n "), Strings{" ", " ", " \n "});
        CHECK_EQ(find("(?<=a+)b", d, "aabb"), Strings{"b"});
        CHECK_EQ(find("(?<!a|bc)d", d, "ad bcd d"), Strings{"d"});
        CHECK_EQ(spans("(?=(\\d{3})+(?!\\d))", d, "1234567"), std::vector<Span>{{1, 1}, {4, 4}});
        CHECK_EQ(find("\\w+(?=ing\\b)", d, "singing rings"), Strings{"sing"});
        CHECK_EQ(find("a(?=b(?!c))b", d, "abc abd"), Strings{"ab"});
        CHECK_EQ(find("(?!)", d, "ab"), Strings{});
    }
    CHECK_EQ(fancy("(?<=a(?=b))b", "ab"), Strings{"b"});
}

TEST(regex_atomic_groups_and_possessive_quantifiers) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(find("(?>a|ab)c", d, "ac abc"), Strings{"ac"});
        CHECK_EQ(find("(?>a*)ab", d, "aab"), Strings{});
        CHECK_EQ(find("a++b|a", d, "aac"), Strings{"a", "a"});
        CHECK_EQ(find("a?+a", d, "aab"), Strings{"aa"});
        CHECK_EQ(find("(?:ab)*+a", d, "ababa"), Strings{"ababa"});
        CHECK_EQ(find("(?>a+b|a)b?", d, "aab ab a"), Strings{"aab", "ab", "a"});
        CHECK_EQ(find("(?>[ab]*c|a)", d, "abca"), Strings{"abc", "a"});
        CHECK_EQ(find("(?>a*?b)c", d, "aabc aab"), Strings{"aabc"});
        CHECK_EQ(refusal("(?:a|ab)++c", d), "unsupported 0");
    }
}

TEST(regex_refusals_name_the_position) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(refusal("(a)\\1", d), "unsupported 3");
        CHECK_EQ(refusal("a\\k<n>", d), "unsupported 1");
        CHECK_EQ(refusal("ab\\Gc", d), "unsupported 2");
        CHECK_EQ(refusal("ab\\Kc", d), "unsupported 2");
        CHECK_EQ(refusal("x(?~ab)", d), "unsupported 1");
        CHECK_EQ(refusal("x(?(1)a|b)", d), "unsupported 1");
        CHECK_EQ(refusal("\\g<1>", d), "unsupported 0");
        CHECK_EQ(refusal("(*FAIL)", d), "unsupported 0");
        CHECK_EQ(refusal("(?:|a)*b", d), "unsupported 0");
        CHECK_EQ(refusal("*a", d), "invalid 0");
        CHECK_EQ(refusal("a(b", d), "invalid 1");
        CHECK_EQ(refusal("a)b", d), "invalid 1");
        CHECK_EQ(refusal("a\\", d), "invalid 1");
        CHECK_EQ(refusal("(?q)", d), "invalid 0");
        CHECK_EQ(refusal("\\x{110000}", d), "invalid 0");
        CHECK_EQ(refusal("a\xff", d).substr(0, 7), "invalid");
    }
    CHECK_EQ(refusal("\\X", Dialect::onig), "unsupported 0");
    CHECK_EQ(refusal("(?W:\\w)", Dialect::onig), "unsupported 0");
    CHECK_EQ(refusal("(?<=(?>ab|b))c", Dialect::onig), "unsupported 0");
    // fancy-regex 0.19 rewrites these to something else.
    CHECK_EQ(refusal("\\d+\\.?\\d+", Dialect::fancy), "unsupported 0");
    CHECK_EQ(refusal("(?:\\d+(?:\\.\\d+)?)+", Dialect::fancy), "unsupported 0");
    CHECK_EQ(refusal("\\d*\\.?\\d+", Dialect::fancy), "accepted");
    CHECK_EQ(onig("\\d+\\.?\\d+", "1 12 1.5"), Strings{"12", "1.5"});
}

TEST(regex_size_is_limited) {
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(refusal(repeat("(", 100000), d).substr(0, 11), "unsupported");
        CHECK_EQ(refusal(repeat("[", 100000), d).substr(0, 11), "unsupported");
        CHECK_EQ(refusal("((a{1,100}){1,100}){1,100}", d).substr(0, 11), "unsupported");
        CHECK_EQ(refusal("a{999999999999}", d).substr(0, 11), "unsupported");
        CHECK_EQ(refusal(repeat("(?>", 50) + "a*" + repeat(")", 50), d), "accepted");
    }
    CHECK_EQ(refusal("a" + repeat("{2}", 1000), Dialect::onig).substr(0, 11), "unsupported");
}

TEST(regex_time_is_linear) {
    // Each of these is quadratic or worse for a matcher that starts over at every position.
    for (Dialect d : {Dialect::onig, Dialect::fancy}) {
        std::string const text(1000000, 'a');
        CHECK_EQ(spans("a*b|a", d, text).size(), text.size());
        CHECK_EQ(spans("(?=a*b)|a", d, text).size(), text.size());
        CHECK_EQ(spans("(?<=b.*)a|a", d, text).size(), text.size());
        CHECK_EQ(spans("(?:a?){20}a{20}", d, text).size(), text.size() / 40);
    }
}

TEST(regex_long_texts_are_cut_into_blocks_unnoticed) {
    // Longer than a block, and with more different states than the cache holds.
    std::mt19937 random(7);
    std::string text;
    while (text.size() < 5000000) text += random() % 9 == 0 ? "\u6f22" : random() % 2 ? "a" : "b";
    auto const whole = spans("[ab]*a[ab]{13}\u6f22|[ab]+|.", Dialect::onig, text);
    std::size_t end = 0;
    for (Span match : whole) {
        CHECK_EQ(match.begin, end);
        end = match.end;
    }
    CHECK_EQ(end, text.size());
    // A run of letters ends at a Han character, which decides what it is by itself.
    std::size_t at = 0;
    for (Span match : whole) {
        std::string_view const piece = std::string_view(text).substr(match.begin, match.size());
        bool const han = piece.ends_with("\u6f22");
        std::size_t const run = std::min(text.find('\xe6', at), text.size()) - at;
        bool const takes_han = run >= 14 && at + run < text.size() && text[at + run - 14] == 'a';
        CHECK_EQ(piece.size(), run == 0 ? 3 : takes_han ? run + 3 : run);
        CHECK_EQ(han, run == 0 || takes_han);
        at = match.end;
    }
}

TEST(regex_matcher_is_shared_by_threads) {
    auto const matcher = Matcher::compile("\\p{L}+|\\d{1,3}(?=(?:\\d{3})*\\b)|\\s+", Dialect::onig);
    std::string const text = repeat("abc 1234567 d\u00e9f \n", 2000);
    std::vector<Span> expected;
    matcher->find_all(text, expected);
    std::vector<std::vector<Span>> results(24);
    std::vector<std::thread> threads;
    for (auto& result : results) threads.emplace_back([&] { matcher->find_all(text, result); });
    for (std::thread& thread : threads) thread.join();
    for (auto const& result : results) CHECK(result == expected);
}

TEST(regex_equivalence) {
    auto const same = [](char const* a, char const* b) {
        return regex::equivalent(regex::rewrite(regex::parse(a, Dialect::fancy)),
                                 regex::rewrite(regex::parse(b, Dialect::fancy)));
    };
    CHECK(same("a|b", "[ab]"));
    CHECK(same("a++", "a+"));
    CHECK(same("a+b|a+c", "a+[bc]"));
    CHECK(same("\\s++$|\\s+(?!\\S)|\\s", "\\s+(?!\\S)|\\s+"));
    CHECK(same("(?:a|ab)(?:c|bcd)", "ac|abcd|abc|abbcd"));
    CHECK(!same("a|ab", "ab|a"));
    CHECK(!same("a+", "a+?"));
    CHECK(!same("a{1,3}", "a{1,4}"));
    CHECK(!same("[a-c]", "[a-d]"));
    CHECK(!same("a$", "a"));
    CHECK(!same("(?<=b)a", "(?<=b)a"));  // not decided
}

// The plain meaning of a syntax tree: every way to match, in order of preference.
namespace {

class Interpreter {
 public:
    explicit Interpreter(std::string_view text) {
        for (std::size_t p = 0; p < text.size();) {
            auto const c = decode_char(reinterpret_cast<unsigned char const*>(text.data()) + p);
            characters_.push_back(c.code_point);
            offsets_.push_back(p);
            p += c.size;
        }
        offsets_.push_back(text.size());
    }

    std::vector<Span> find_all(Node const& tree) {
        std::vector<Span> matches;
        std::size_t const none = static_cast<std::size_t>(-1);
        std::size_t last_end = none;
        for (std::size_t at = 0; at <= characters_.size();) {
            std::size_t end = none;
            match(tree, at, [&](std::size_t e) {
                end = e;
                return true;
            });
            bool const found = end != none && (end != at || end != last_end);
            if (found) {
                matches.push_back({offsets_[at], offsets_[end]});
                last_end = end;
            }
            at = found && end != at ? end : at + 1;
        }
        return matches;
    }

 private:
    using Next = std::function<bool(std::size_t)>;

    bool match(Node const& node, std::size_t at, Next const& next) {
        switch (node.kind) {
            case NodeKind::empty:
                return next(at);
            case NodeKind::set:
                return at < characters_.size() && node.set.contains(characters_[at]) &&
                       next(at + 1);
            case NodeKind::concat:
                return match_from(node, 0, at, next);
            case NodeKind::alternate:
                for (auto const& child : node.children)
                    if (match(*child, at, next)) return true;
                return false;
            case NodeKind::repeat:
                return match_loop(node, 0, at, next);
            case NodeKind::look:
                return look(node, at) != node.negated && next(at);
            case NodeKind::text_edge:
                return at == (node.ahead ? characters_.size() : 0) && next(at);
            case NodeKind::atomic: {
                std::size_t end = 0;
                bool const found = match(*node.children[0], at, [&](std::size_t e) {
                    end = e;
                    return true;
                });
                return found && next(end);
            }
        }
        return false;
    }

    bool match_from(Node const& node, std::size_t child, std::size_t at, Next const& next) {
        if (child == node.children.size()) return next(at);
        return match(*node.children[child], at,
                     [&](std::size_t e) { return match_from(node, child + 1, e, next); });
    }

    bool match_loop(Node const& node, std::uint32_t count, std::size_t at, Next const& next) {
        auto const more = [&] {
            return count < node.max &&
                   match(
                       *node.children[0], at,
                       [&](std::size_t e) {
                           if (e == at && node.max == regex::kUnlimited && count >= node.min)
                               return false;
                           return match_loop(node, count + 1, e, next);
                       });
        };
        auto const done = [&] { return count >= node.min && next(at); };
        return node.greedy ? more() || done() : done() || more();
    }

    bool look(Node const& node, std::size_t at) {
        Node const& body = *node.children[0];
        if (node.ahead) return match(body, at, [](std::size_t) { return true; });
        for (std::size_t start = 0; start <= at; ++start)
            if (match(body, start, [=](std::size_t e) { return e == at; })) return true;
        return false;
    }

    std::vector<std::uint32_t> characters_;
    std::vector<std::size_t> offsets_;
};

class RandomPatterns {
 public:
    explicit RandomPatterns(unsigned seed) : random_(seed) {}

    std::string pattern(int depth) {
        std::string result = sequence(depth);
        for (unsigned n = below(3); n > 0; --n) result += "|" + sequence(depth);
        return result;
    }

    std::string text() {
        std::string result;
        for (unsigned n = below(9); n > 0; --n)
            result += pick({"a", "a", "b", "b", "c", "A", " ", "\n", "1", "\u00e9", "\u017f"});
        return result;
    }

 private:
    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
    std::string pick(std::vector<std::string> const& from) {
        return from[below(static_cast<unsigned>(from.size()))];
    }

    std::string sequence(int depth) {
        std::string result;
        for (unsigned n = 1 + below(3); n > 0; --n) {
            result += atom(depth);
            if (below(3) == 0)
                result += pick({"*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}",
                                "{0,3}?", "{2,}"});
        }
        return result;
    }

    std::string atom(int depth) {
        unsigned const kind = below(depth > 0 ? 12 : 7);
        if (kind < 5) return pick({"a", "b", "c", "1", " ", "\\n", "\u00e9", "(?i:s)"});
        if (kind == 5)
            return pick({"[ab]", "[^a]", "\\s", "\\S", "\\w", ".", "\\p{L}", "[a-c&&[^b]]"});
        if (kind == 6) return "(?:" + pick({"^", "$", "\\b", "\\A", "\\z"}) + ")";
        if (kind < 9) return "(?:" + pattern(depth - 1) + ")";
        if (kind == 9) return "(?:" + pick({"(?=", "(?!"}) + pattern(depth - 1) + "))";
        if (kind == 10) return "(?:" + pick({"(?<=", "(?<!"}) + pattern(depth - 1) + "))";
        return "(?>" + pattern(depth - 1) + ")";
    }

    std::mt19937 random_;
};

}  // namespace

TEST(regex_matcher_agrees_with_backtracking) {
    RandomPatterns generator(20240607);
    std::size_t compared = 0;
    for (int i = 0; i < 6000; ++i) {
        std::string const pattern = generator.pattern(2);
        Dialect const dialect = i % 2 ? Dialect::onig : Dialect::fancy;
        std::shared_ptr<Matcher const> matcher;
        regex::NodePtr tree;
        try {
            matcher = Matcher::compile(pattern, dialect);
            tree = regex::parse(pattern, dialect);
        } catch (Error const&) {
            continue;
        }
        for (int k = 0; k < 8; ++k) {
            std::string const text = generator.text();
            std::vector<Span> matches;
            matcher->find_all(text, matches);
            bool const agrees = matches == Interpreter(text).find_all(*tree);
            CHECK(agrees);
            if (!agrees) CHECK_EQ(pattern, text);  // prints both
            ++compared;
        }
    }
    CHECK(compared > 20000);
}
