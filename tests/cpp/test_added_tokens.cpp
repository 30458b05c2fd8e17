// Added tokens against a literal reading of the rules, one position at a time.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "pipeline/added_tokens.h"
#include "pipeline/token_starts.h"
#include "pipeline/token_trie.h"
#include "unicode/properties.h"

namespace tokmill {
namespace {

using Filter = AddedTokenMatcher::Filter;

struct Result {
    std::size_t begin, end;
    std::uint32_t id;
    bool operator==(Result const&) const = default;
};

std::ostream& operator<<(std::ostream& out, Result const& r) {
    return out << r.begin << ".." << r.end << '=' << r.id;
}

std::vector<Result> find(AddedTokenMatcher const& matcher, std::string_view text,
                         Filter const& filter = {}) {
    std::vector<AddedTokenMatch> matches;
    matcher.find_all(text, filter, matches);
    std::vector<Result> results;
    for (auto const& m : matches) results.push_back({m.span.begin, m.span.end, m.id});
    return results;
}

AddedToken token(std::string content, std::uint32_t id) {
    AddedToken t;
    t.content = std::move(content);
    t.id = id;
    return t;
}

std::vector<AddedToken> tokens(std::vector<std::string> const& contents) {
    std::vector<AddedToken> result;
    for (auto const& content : contents) {
        result.push_back(token(content, static_cast<std::uint32_t>(result.size() + 1)));
    }
    return result;
}

// Valid UTF-8 to code points with their places, and one more for the end.
struct Characters {
    std::vector<std::uint32_t> code_points;
    std::vector<std::size_t> begin;

    explicit Characters(std::string_view text) {
        for (std::size_t i = 0; i < text.size();) {
            auto const lead = static_cast<unsigned char>(text[i]);
            std::size_t const size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            std::uint32_t c = size == 1 ? lead : lead & (0x7Fu >> size);
            for (std::size_t k = 1; k < size; ++k) c = c << 6 | (text[i + k] & 0x3Fu);
            code_points.push_back(c);
            begin.push_back(i);
            i += size;
        }
        begin.push_back(text.size());
    }
    std::size_t index_at(std::size_t byte) const {
        return static_cast<std::size_t>(std::lower_bound(begin.begin(), begin.end(), byte) -
                                        begin.begin());
    }
};

AddedToken const* longest_at(std::vector<AddedToken> const& all, std::string_view text,
                             std::size_t i) {
    AddedToken const* best = nullptr;
    for (auto const& t : all) {
        if (text.substr(i).starts_with(t.content) &&
            (best == nullptr || t.content.size() > best->content.size())) {
            best = &t;
        }
    }
    return best;
}

// The rules as they are written down; throws where the reference library panics.
std::vector<Result> find_plainly(std::vector<AddedToken> const& all, Reference rules,
                                 std::string_view text, Filter const& filter) {
    Characters const chars(text);
    std::vector<Result> results;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < text.size();) {
        AddedToken const* const t = longest_at(all, text, i);
        if (t == nullptr) {
            ++i;
            continue;
        }
        std::size_t begin = i;
        std::size_t end = i + t->content.size();
        auto const& allowed = filter.allowed_special;
        bool const refused = t->special && filter.special_as_text &&
                             std::find(allowed.begin(), allowed.end(), t->id) == allowed.end();
        i = refused && rules == Reference::tiktoken ? begin + 1 : end;
        if (refused) continue;
        if (rules == Reference::hf_tokenizers) {
            std::size_t first = chars.index_at(begin);
            std::size_t last = chars.index_at(end);
            if (t->single_word) {
                if (first > 0 && unicode::is_rust_word(chars.code_points[first - 1])) continue;
                if (last < chars.code_points.size() &&
                    unicode::is_rust_word(chars.code_points[last])) {
                    continue;
                }
            }
            if (t->lstrip) {
                while (first > 0 && unicode::is_white_space(chars.code_points[first - 1])) --first;
                begin = std::max(chars.begin[first], last_end);
            }
            if (t->rstrip) {
                while (last < chars.code_points.size() &&
                       unicode::is_white_space(chars.code_points[last])) {
                    ++last;
                }
                end = chars.begin[last];
            }
            if (begin > end) throw 0;
        }
        last_end = end;
        if (begin != end) results.push_back({begin, end, t->id});
    }
    return results;
}

std::string random_text(std::mt19937& random, std::vector<std::string> const& alphabet,
                        std::size_t length) {
    std::string text;
    for (std::size_t k = 0; k < length; ++k) text += alphabet[random() % alphabet.size()];
    return text;
}

template <class Function>
double seconds(Function&& function) {
    auto const start = std::chrono::steady_clock::now();
    function();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST(added_tokens_empty) {
    AddedTokenMatcher const none;
    CHECK(none.empty());
    CHECK(find(none, "text").empty());
    CHECK(AddedTokenMatcher({}, Reference::tiktoken).empty());
    AddedTokenMatcher const one(tokens({"<s>"}), Reference::hf_tokenizers);
    CHECK(!one.empty());
    CHECK(find(one, "").empty());
}

TEST(added_tokens_longest) {
    AddedTokenMatcher const m(tokens({"a", "ab", "abcd", "b", "cd"}), Reference::hf_tokenizers);
    CHECK_EQ(find(m, "abcabcdxcdb"),
             std::vector<Result>{{0, 2, 2}, {3, 7, 3}, {8, 10, 5}, {10, 11, 4}});
    CHECK_EQ(find(m, "a"), std::vector<Result>{{0, 1, 1}});
}

TEST(added_tokens_refused) {
    auto all = tokens({"<|end|>", "end", "|><|"});
    all[0].special = true;
    Filter const text_only{true, {}};
    std::string const text = "x<|end|><|end|>";
    AddedTokenMatcher const hf(all, Reference::hf_tokenizers);
    CHECK_EQ(find(hf, text), std::vector<Result>{{1, 8, 1}, {8, 15, 1}});
    CHECK(find(hf, text, text_only).empty());  // the refused matches hide what is within them
    AddedTokenMatcher const tk(all, Reference::tiktoken);
    CHECK_EQ(find(tk, text, text_only), std::vector<Result>{{3, 6, 2}, {6, 10, 3}, {10, 13, 2}});
    std::uint32_t const allowed[] = {1};
    CHECK_EQ(find(tk, text, Filter{true, allowed}), find(hf, text));
}

TEST(added_tokens_that_share_an_id) {
    std::vector<AddedToken> all = {token("<b>", 7), token("<a>", 7)};
    for (AddedToken& t : all) t.special = true;
    AddedTokenMatcher const matcher(all, Reference::tiktoken, {0, 1});
    std::uint32_t const allowed[] = {1};
    CHECK_EQ(find(matcher, "<a><b>", Filter{true, allowed}), std::vector<Result>{{0, 3, 7}});
}

// What tokenizers 0.23.3 answers (observed).
TEST(added_tokens_strip) {
    auto strip = [](AddedToken t, bool left, bool right) {
        t.lstrip = left;
        t.rstrip = right;
        return t;
    };
    auto const hf = Reference::hf_tokenizers;
    AddedTokenMatcher const both({strip(token("<A>", 1), true, true)}, hf);
    CHECK_EQ(find(both, "\n\n<A><A> <A>"), std::vector<Result>{{0, 5, 1}, {5, 9, 1}, {9, 12, 1}});
    // U+00A0 U+3000 are stripped, U+001C and U+200B are not white space.
    CHECK_EQ(find(both, "\x1c\xC2\xA0\xE3\x80\x80<A>\xE2\x80\xA8\xE2\x80\x8B "),
             std::vector<Result>{{1, 12, 1}});
    // A token within the white space that was stripped is found again.
    AddedTokenMatcher const plain({strip(token("<A>", 1), false, true), token(" ", 2)}, hf);
    CHECK_EQ(find(plain, "<A>   b"),
             std::vector<Result>{{0, 6, 1}, {3, 4, 2}, {4, 5, 2}, {5, 6, 2}});
    AddedTokenMatcher const left(
        {strip(token("<A>", 1), false, true), strip(token(" b", 2), true, false)}, hf);
    CHECK_EQ(find(left, "<A>   bcd"), std::vector<Result>{{0, 6, 1}, {6, 7, 2}});
    AddedTokenMatcher const panics(
        {strip(token("<A>", 1), false, true), strip(token(" ", 2), true, false)}, hf);
    CHECK_EQ(find(panics, "x<A> "), std::vector<Result>{{1, 5, 1}});
    CHECK_THROWS(find(panics, "x<A>  "));
    AddedTokenMatcher const swallowed(
        {strip(token("<A>", 1), false, true), strip(token(" ", 2), true, true)}, hf);
    CHECK_EQ(find(swallowed, "<A>   bcd"), std::vector<Result>{{0, 6, 1}});
}

TEST(added_tokens_single_word) {
    auto all = tokens({"ab", "b"});
    all[0].single_word = true;
    AddedTokenMatcher const m(all, Reference::hf_tokenizers);
    CHECK_EQ(find(m, "xab ab,\xC3\xA9 ab_ ab"), std::vector<Result>{{4, 6, 1}, {14, 16, 1}});
    // A letter, a digit, a joiner and a combining mark are all word characters.
    CHECK(find(m,
               "\xC3\xA9"
               "ab ab\xD9\xA3 ab\xE2\x80\x8D ab\xCC\x81")
              .empty());
    // Bytes that are no character are none either.
    CHECK_EQ(find(m,
                  "\xC3"
                  "ab\x81"),
             std::vector<Result>{{1, 3, 1}});
}

TEST(added_tokens_contents) {
    auto const hf = Reference::hf_tokenizers;
    CHECK_THROWS(AddedTokenMatcher(tokens({"a", "b", "a"}), hf));
    CHECK_THROWS(AddedTokenMatcher(tokens({"a", ""}), hf));
    using namespace std::string_literals;
    AddedTokenMatcher const zeros(tokens({"\0"s, "a\0"s, "\xFF\xFF"s}), hf);
    CHECK_EQ(find(zeros, "xa\0\0b\xFF\xFF\xFF"s),
             std::vector<Result>{{1, 3, 2}, {3, 4, 1}, {5, 7, 3}});
}

TEST(added_tokens_random) {
    std::mt19937 random(5);
    std::vector<std::vector<std::string>> const alphabets = {
        {"a", "b"},
        {" ", "a", "\n"},
        {"a", " ", "\xE3\x80\x80", "\xC3\xA9", "\xC2\xA0", "<", "|", ">"},
        {"a", "\xE6\x97\xA5", "\xE6\x9C\xAC", "\xF0\x9F\x98\x80"},
    };
    for (int round = 0; round < 6000; ++round) {
        auto const& alphabet = alphabets[random() % alphabets.size()];
        std::set<std::string> contents;
        for (std::size_t k = 1 + random() % 12; k > 0; --k) {
            contents.insert(random_text(random, alphabet, 1 + random() % (round % 3 ? 4 : 9)));
        }
        std::vector<AddedToken> all;
        bool const flags = round % 2 != 0;
        for (auto const& content : contents) {
            AddedToken t = token(content, static_cast<std::uint32_t>(all.size()));
            t.special = random() % 3 == 0;
            t.lstrip = flags && random() % 4 == 0;
            t.rstrip = flags && random() % 4 == 0;
            t.single_word = flags && random() % 4 == 0;
            all.push_back(t);
        }
        std::shuffle(all.begin(), all.end(), random);
        std::vector<std::uint32_t> allowed;
        for (std::uint32_t id = 0; id < all.size(); ++id) {
            if (random() % 2) allowed.push_back(id);
        }
        Filter const filter{random() % 2 == 0, allowed};
        for (auto const rules : {Reference::hf_tokenizers, Reference::tiktoken}) {
            AddedTokenMatcher const matcher(all, rules);
            for (int k = 0; k < 4; ++k) {
                std::string const text = random_text(random, alphabet, random() % 60);
                std::vector<Result> expected;
                bool panics = false;
                try {
                    expected = find_plainly(all, rules, text, filter);
                } catch (int) {
                    panics = true;
                }
                if (panics) {
                    CHECK_THROWS(find(matcher, text, filter));
                } else {
                    CHECK_EQ(find(matcher, text, filter), expected);
                }
            }
        }
    }
}

TEST(token_starts_random) {
    std::mt19937 random(6);
    for (int round = 0; round < 2000; ++round) {
        std::set<std::string> contents;
        for (std::size_t k = 1 + random() % 20; k > 0; --k) {
            contents.insert(random_text(random, {"a", "b", "c"}, 1 + random() % 8));
        }
        std::vector<std::string_view> const sorted(contents.begin(), contents.end());
        TokenTrie const trie(sorted);
        TokenStarts const automaton(trie);
        std::string const text = random_text(random, {"a", "b", "c"}, 80);
        std::size_t const begin = random() % 40;
        std::size_t const end = begin + random() % 41;
        std::vector<std::uint32_t> starts(end - begin);
        automaton.find(text, begin, end, starts.data());
        for (std::size_t i = begin; i < end; ++i) {
            CHECK_EQ(starts[i - begin], trie.longest_at(text, i).string);
        }
    }
}

// Vocabularies for which a search that looks at every place anew takes minutes. The limit leaves
// room for sanitizers and busy machines.
constexpr double kPatience = 30;  // seconds

TEST(added_tokens_worst_cases_are_linear) {
    std::size_t const length = 1 << 19;
    std::string const run(length, 'a');

    std::vector<std::string> nested;
    for (std::size_t k = 1; k <= 4000; ++k) nested.emplace_back(k, 'a');
    for (auto const rules : {Reference::hf_tokenizers, Reference::tiktoken}) {
        auto all = tokens(nested);
        for (auto& t : all) t.special = true;
        AddedTokenMatcher const matcher(all, rules);
        double const time = seconds([&] {
            CHECK_EQ(find(matcher, run).size(), (length + 3999) / 4000);
            CHECK(find(matcher, run, Filter{true, {}}).empty());
        });
        CHECK(time < kPatience);
    }

    std::string const nearly = std::string(9999, 'a') + 'b';
    AddedTokenMatcher const never(tokens({nearly}), Reference::hf_tokenizers);
    AddedTokenMatcher const sometimes(tokens({nearly, "a", "aaa"}), Reference::hf_tokenizers);
    double const time = seconds([&] {
        CHECK(find(never, run).empty());
        CHECK_EQ(find(sometimes, run).size(), length / 3 + length % 3);
        std::string text = run + nearly + run;
        // The first 2^20 bytes are one run with the token's own: it begins 9999 before the b.
        CHECK_EQ(find(never, text), std::vector<Result>{{length, length + 10000, 1}});
    });
    CHECK(time < kPatience);

    auto strip = tokens({" "});
    strip[0].rstrip = true;
    AddedTokenMatcher const eats(strip, Reference::hf_tokenizers);
    double const strip_time =
        seconds([&] { CHECK_EQ(find(eats, std::string(length, ' ')).size(), length); });
    CHECK(strip_time < kPatience);
}

// The same vocabularies in a text long enough for the automaton to take over and to hand back.
TEST(added_tokens_automaton_agrees) {
    std::mt19937 random(7);
    std::string nearly(3000, 'a');
    auto all = tokens({nearly + "b", "a", "aaa", "ba", "abab", nearly});
    AddedTokenMatcher const matcher(all, Reference::hf_tokenizers);
    std::string text;
    while (text.size() < 400000) {
        text += std::string(random() % 5000, 'a');
        text += random_text(random, {"a", "b", "c"}, random() % 40);
    }
    CHECK(find(matcher, text) == find_plainly(all, Reference::hf_tokenizers, text, {}));
}

TEST(added_tokens_many) {
    std::mt19937 random(8);
    std::vector<AddedToken> all;
    for (std::uint32_t id = 0; id < 400000; ++id) {
        all.push_back(token("<extra_id_" + std::to_string(id) + ">", id));
    }
    AddedTokenMatcher matcher;
    double const time =
        seconds([&] { matcher = AddedTokenMatcher(all, Reference::hf_tokenizers); });
    CHECK(time < kPatience);
    std::string text;
    std::vector<Result> expected;
    for (int k = 0; k < 1000; ++k) {
        text += " <extra_id_ <extra_id_400000>";
        std::uint32_t const id = random() % 400000;
        expected.push_back({text.size(), text.size() + all[id].content.size(), id});
        text += all[id].content;
    }
    CHECK(find(matcher, text) == expected);
}

}  // namespace tokmill
