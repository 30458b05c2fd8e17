// Canonical sequences of BPE against the definition: merging all continuations of a text.
#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bytelm/bpe_canonicality.h"
#include "bytelm/model_vocabulary.h"
#include "check.h"
#include "core/error.h"

namespace tokmill::bytelm {
namespace {

using Ids = std::vector<std::uint32_t>;

struct Toy {
    std::vector<std::string> tokens;
    std::vector<Merge> merges;

    std::vector<std::optional<std::string_view>> views() const {
        return {tokens.begin(), tokens.end()};
    }

    // Byte-pair merging, as slowly as it is defined.
    Ids encode(std::string_view text) const {
        Ids ids;
        for (char const c : text) {
            ids.push_back(static_cast<std::uint32_t>(
                std::find(tokens.begin(), tokens.end(), std::string(1, c)) - tokens.begin()));
        }
        for (bool merged = true; merged;) {
            merged = false;
            for (Merge const& merge : merges) {
                for (std::size_t i = 0; !merged && i + 1 < ids.size(); ++i) {
                    if (ids[i] != merge.left || ids[i + 1] != merge.right) continue;
                    ids[i] = merge.merged;
                    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                    merged = true;
                }
                if (merged) break;
            }
        }
        return ids;
    }

    std::string spell(Ids const& ids) const {
        std::string text;
        for (std::uint32_t const id : ids) text += tokens[id];
        return text;
    }
};

// Merges in any order, so that parts may merge later than their wholes.
Toy random_toy(std::mt19937& random, std::string_view alphabet) {
    Toy toy;
    for (char const c : alphabet) toy.tokens.emplace_back(1, c);
    std::map<std::pair<std::uint32_t, std::uint32_t>, bool> seen;
    for (int i = 0; i < 8; ++i) {
        auto const left = static_cast<std::uint32_t>(random() % toy.tokens.size());
        auto const right = static_cast<std::uint32_t>(random() % toy.tokens.size());
        std::string const joined = toy.tokens[left] + toy.tokens[right];
        if (joined.size() > 5 || seen[{left, right}]) continue;
        seen[{left, right}] = true;
        auto found = std::find(toy.tokens.begin(), toy.tokens.end(), joined);
        auto const id = static_cast<std::uint32_t>(found - toy.tokens.begin());
        if (found == toy.tokens.end()) toy.tokens.push_back(joined);
        toy.merges.push_back({left, right, id});
    }
    if (random() % 2) std::shuffle(toy.merges.begin(), toy.merges.end(), random);
    return toy;
}

Canonicality::StatePtr follow(ModelVocabulary const& vocabulary, Ids const& ids) {
    Canonicality::StatePtr state = vocabulary.canonicality->start();
    for (std::uint32_t const id : ids) {
        std::uint32_t const place = *vocabulary.tokens->place(id);
        if (!vocabulary.canonicality->allows(*state, place)) return nullptr;
        state = vocabulary.canonicality->append(*state, place);
    }
    return state;
}

// Calls check(text) for all texts of up to `size` letters.
template <class Check>
void for_all_texts(std::string_view alphabet, std::size_t size, Check const& check) {
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        check(texts[i]);
        if (texts[i].size() == size) continue;
        for (char const c : alphabet) texts.push_back(texts[i] + c);
    }
}

TEST(bpe_of_raw_bytes_is_canonical_where_merging_gives_it_back) {
    std::mt19937 random(1);
    for (int round = 0; round < 150; ++round) {
        std::string_view const alphabet = round % 2 ? "ab" : "abc";
        Toy const toy = random_toy(random, alphabet);
        BpeDefinition definition;
        definition.merges = toy.merges;
        auto const vocabulary = of_bpe(toy.views(), definition, {}, Utf8Rule::any);
        for_all_texts(alphabet, alphabet.size() == 2 ? 6 : 4, [&](std::string const& text) {
            Ids const ids = toy.encode(text);
            Canonicality::StatePtr const state = follow(*vocabulary, ids);
            CHECK(state != nullptr);
            if (state == nullptr) return;
            CHECK(vocabulary->canonicality->may_end(*state));
            TokenSet const allowed = vocabulary->canonicality->allowed(*state);
            for (std::uint32_t id = 0; id < toy.tokens.size(); ++id) {
                std::uint32_t const place = *vocabulary->tokens->place(id);
                Ids longer = ids;
                longer.push_back(id);
                bool const expected = toy.encode(toy.spell(longer)) == longer;
                CHECK_EQ(vocabulary->canonicality->allows(*state, place), expected);
                CHECK_EQ(allowed.contains(place), expected);
            }
        });
    }
}

// "'re" is one piece, "'r" and anything else are two: what follows decides.
TEST(a_piece_that_must_go_on_needs_tokens_to_go_on_with) {
    Toy toy;
    toy.tokens = {"'", "r", "e", "x", "'r", "re"};
    PreTokenizer contraction;
    contraction.pattern = "'re|'|[a-z]+";
    auto const vocabulary_with = [&](std::vector<Merge> const& merges) {
        BpeDefinition definition;
        definition.merges = merges;
        definition.text.steps = {contraction};
        return of_bpe(toy.views(), definition, {}, Utf8Rule::any);
    };
    std::vector<Merge> const joined{{0, 1, 4}}, apart{{1, 2, 5}, {0, 1, 4}};
    // "'re" becomes "'r", "e": the text must go on with "e".
    auto const first = vocabulary_with(joined);
    CHECK(follow(*first, {4}) != nullptr);
    CHECK(!first->canonicality->may_end(*follow(*first, {4})));
    CHECK(follow(*first, {4, 2}) != nullptr);
    CHECK(follow(*first, {4, 3}) == nullptr);
    CHECK(follow(*first, {0, 1}) != nullptr);  // "'", "rx"
    // "'re" becomes "'", "re": nothing becomes "'r".
    auto const second = vocabulary_with(apart);
    CHECK(follow(*second, {4}) == nullptr);
    CHECK(follow(*second, {0, 5}) != nullptr);
}

TEST(whole_words_stand_alone_in_their_piece) {
    Toy toy;
    toy.tokens = {"a", "b", " ", "ab", "aba"};
    PreTokenizer words;
    words.pattern = "[ab]+| ";
    std::vector<Merge> const merges{{0, 1, 3}};
    BpeDefinition definition;
    definition.merges = merges;
    definition.text.steps = {words};
    definition.ignore_merges = true;
    auto const vocabulary = of_bpe(toy.views(), definition, {}, Utf8Rule::any);
    CHECK(follow(*vocabulary, {4}) != nullptr);
    CHECK(follow(*vocabulary, {4, 2}) != nullptr);
    CHECK(follow(*vocabulary, {4, 1}) == nullptr);
    CHECK(follow(*vocabulary, {2, 4}) != nullptr);
    // "ab", "a" spells the whole word: the piece has to go on.
    CHECK(follow(*vocabulary, {3, 0}) != nullptr);
    CHECK(!vocabulary->canonicality->may_end(*follow(*vocabulary, {3, 0})));
    CHECK(follow(*vocabulary, {3, 0, 2}) == nullptr);
    CHECK(follow(*vocabulary, {3, 0, 0}) != nullptr);
}

TEST(merges_that_make_no_sense_are_refused) {
    Toy toy;
    toy.tokens = {"a", "b", "ab"};
    auto const make = [&](Merge merge) {
        std::vector<Merge> const merges{merge};
        BpeDefinition definition;
        definition.merges = merges;
        return of_bpe(toy.views(), definition, {}, Utf8Rule::any);
    };
    Merge const differs{0, 0, 2}, beyond{0, 1, 7};
    CHECK_THROWS(make(differs));
    CHECK_THROWS(make(beyond));
}

}  // namespace
}  // namespace tokmill::bytelm
