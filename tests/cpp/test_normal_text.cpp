// Canonical sequences of normalized texts against all encodings of all short ones.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytelm/greedy_canonicality.h"
#include "bytelm/normal_text.h"
#include "canonical_support.h"
#include "check.h"

using namespace tokmill;
using namespace tokmill::bytelm;
using namespace tokmill::test;

TEST(normal_text_canonical) {
    Random random(1);
    std::vector<std::string> const letters = {"a", "b", " "};
    auto const random_string = [&](std::size_t longest) {
        std::string result;
        for (std::size_t n = 1 + random() % longest; n > 0; --n) result += letters[random() % 3];
        return result;
    };
    for (int round = 0; round < 50; ++round) {
        Tokens tokens{std::nullopt, "a", "b", " "};
        for (std::size_t i = random() % 9; i > 0; --i) tokens.emplace_back(random_string(4));
        std::vector<std::string> absent;
        for (std::size_t i = random() % 3; i > 0; --i) absent.push_back(random_string(3) + "a");
        if (random() % 2 != 0) absent.emplace_back("  ");
        std::vector<std::string> at_end;
        if (random() % 2 != 0) at_end.emplace_back(" ");
        if (random() % 3 == 0) at_end.push_back(random_string(3));
        Encode const encode = [&](std::string_view text) -> std::optional<Ids> {
            for (std::string const& string : at_end) {
                if (text.ends_with(string)) return std::nullopt;
            }
            for (std::string const& string : absent) {
                if (text.find(string) != text.npos) return std::nullopt;
            }
            return longest_match(tokens)(text);
        };
        ByteVocabulary const vocabulary = make_vocabulary(tokens);
        NormalText normal;
        std::vector<std::string_view> const views(absent.begin(), absent.end());
        normal.absent = views;
        std::vector<std::string_view> const end_views(at_end.begin(), at_end.end());
        normal.absent_at_end = end_views;
        NormalTextCanonicality const canonicality(
            vocabulary, make_greedy_canonicality(vocabulary, {}, nullptr), normal);
        CanonicalOracle const oracle(encode, letters, 8);
        oracle.check(vocabulary, canonicality, 5, count_bytes);
    }
}

TEST(normal_text_refuses) {
    ByteVocabulary const vocabulary = make_vocabulary({"a"});
    std::string_view const absent[] = {""};
    NormalText normal;
    normal.absent = absent;
    CHECK_THROWS(NormalTextCanonicality(vocabulary,
                                        make_greedy_canonicality(vocabulary, {}, nullptr), normal));
}
