// The cache of seen words: what it gives for a word are the ids that were put in for that word, or
// nothing, and it keeps to its budget.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "models/word_cache.h"
#include "random_vocabulary.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

using Ids = std::vector<std::uint32_t>;

// As the model makes them.
WordKey key_of(std::string_view word) {
    WordKey const key = make_key(bytes_of(word), word.size());
    return key == kNoWord || WordCache::looks_free(key) ? WordCache::long_key(word) : key;
}

void insert(WordCache& cache, std::string_view word, Ids const& ids) {
    WordKey const key = key_of(word);
    cache.insert(key, hash_key(key), word, ids);
}

std::optional<Ids> find_by(WordCache const& cache, WordKey key, std::string_view word) {
    CachedWord const* const known = cache.find(key, hash_key(key));
    if (known == nullptr) return {};
    if (known->is_packed()) {
        std::uint32_t ids[kInlineIds];
        std::uint32_t const count = known->unpack(ids);
        return Ids(ids, ids + count);
    }
    auto const ids = cache.ids_of(*known, word);
    if (ids.data() == nullptr) return {};
    return Ids(ids.begin(), ids.end());
}

std::optional<Ids> find(WordCache const& cache, std::string_view word) {
    return find_by(cache, key_of(word), word);
}

Ids random_ids(Random& random, std::size_t count) {
    // Those that an entry holds itself, and those that it just does not.
    std::uint32_t const bounds[] = {200'000, 1u << 20, (1u << 20) + 1, 0xFFFFFFFF};
    std::uint32_t const bound = bounds[below(random, std::size(bounds))];
    Ids ids(count);
    for (std::uint32_t& id : ids) {
        id = below(random, 4) == 0 ? bound - 1 : static_cast<std::uint32_t>(random() % bound);
    }
    return ids;
}

std::string random_word(Random& random, std::size_t size, std::size_t letters) {
    std::string word(size, '\0');
    for (char& byte : word) byte = static_cast<char>(below(random, letters));
    return word;
}

std::string numbered(std::string_view prefix, std::size_t n) {
    return std::string(prefix) + std::to_string(n);
}

}  // namespace

TEST(word_cache_finds_words_of_all_sizes_and_counts) {
    Random random(21);
    WordCache cache(std::size_t{64} << 20);
    std::map<std::string, Ids> all;
    auto const add = [&](std::string const& word, Ids const& ids) {
        insert(cache, word, ids);
        all[word] = ids;
        CHECK(find(cache, word) == ids);
    };
    std::vector<std::size_t> const sizes = {1, 2, 7, 8, 9, 15, 16, 17, 18, 24, 31, 33, 100, 3000};
    for (std::size_t const size : sizes) {
        for (std::size_t count = 0; count <= 40; ++count) {
            // Letters without 0xFF, which no key of a text holds.
            add(random_word(random, size, 255), random_ids(random, count));
            add(random_word(random, size, 2), random_ids(random, count));
        }
        add(std::string(size, '\0'), random_ids(random, 3));
        add(std::string(size - 1, '\0') + "a", random_ids(random, 7));
    }
    for (auto const& [word, ids] : all) CHECK(find(cache, word) == ids);
    // Near misses: cut off, made longer, one byte changed.
    for (auto const& [word, ids] : all) {
        for (std::string other : {word.substr(1), word + '\0', word + "a", word}) {
            if (other == word) other.back() = static_cast<char>(other.back() ^ 1);
            if (!other.empty() && !all.contains(other)) CHECK(!find(cache, other));
        }
    }
}

TEST(word_cache_largest_ids) {
    WordCache cache(std::size_t{1} << 20);
    for (std::uint32_t const id : {0u, 0xFFFFFu, 0x100000u, 0x7FFFFFFFu, 0xFFFFFFFEu}) {
        for (std::size_t count = 1; count <= 8; ++count) {
            for (std::string_view const prefix : {"w", "a long word, which is not its own key "}) {
                std::string const word = numbered(prefix, count);
                insert(cache, word, Ids(count, id));
                CHECK(find(cache, word) == Ids(count, id));
            }
        }
    }
}

// Keys of long words come from a hash, so two words may share one.
TEST(word_cache_tells_words_with_one_key_apart) {
    WordCache cache(std::size_t{1} << 20);
    std::string const first = "the first of two words", second = "the other of two words";
    WordKey const key = WordCache::long_key(first);
    auto const put = [&](std::string_view word, Ids const& ids) {
        cache.insert(key, hash_key(key), word, ids);
    };
    put(first, {1});
    CHECK(find_by(cache, key, first) == Ids{1});
    CHECK(!find_by(cache, key, second));
    CHECK(!find_by(cache, key, first + "s"));
    put(second, {2, 3});
    CHECK(find_by(cache, key, second) == (Ids{2, 3}));
    CHECK(!find_by(cache, key, first));
    put(first, {});
    CHECK(find_by(cache, key, first) == Ids{});
    CHECK(!find_by(cache, key, second));
}

TEST(word_cache_long_keys_are_their_own_kind) {
    Random random(22);
    CHECK(WordCache::is_long(kNoWord));
    for (int n = 0; n < 2000; ++n) {
        WordKey const key = WordCache::long_key(random_word(random, below(random, 40), 256));
        CHECK(WordCache::is_long(key));
        CHECK(!WordCache::looks_free(key));
        CHECK(key != kNoWord);
        std::string const word = random_word(random, 1 + below(random, 16), 128);
        CHECK(!WordCache::is_long(make_key(bytes_of(word), word.size())));
    }
    CHECK(WordCache::looks_free(make_key(bytes_of(std::string(16, '\0')), 16)));
    CHECK(!WordCache::looks_free(make_key(bytes_of(std::string(15, '\0')), 15)));
}

TEST(word_cache_keeps_all_while_it_grows) {
    WordCache cache(std::size_t{256} << 20);
    constexpr std::size_t kWords = 100'000;
    auto const ids_of = [](std::size_t n) {
        auto const id = static_cast<std::uint32_t>(n);
        return Ids(n % 9, n % 5 == 0 ? id << 12 : id);
    };
    for (std::size_t n = 0; n < kWords; ++n) {
        insert(cache, numbered("w", n), ids_of(n));
        insert(cache, numbered("more than sixteen bytes ", n), ids_of(n + 1));
    }
    // Full lines give up a word even then, but seldom.
    std::size_t lost = 0;
    for (std::size_t n = 0; n < kWords; ++n) {
        auto const short_ids = find(cache, numbered("w", n));
        auto const long_ids = find(cache, numbered("more than sixteen bytes ", n));
        lost += !short_ids + !long_ids;
        if (short_ids) CHECK_EQ(*short_ids, ids_of(n));
        if (long_ids) CHECK_EQ(*long_ids, ids_of(n + 1));
        CHECK(!find(cache, numbered("v", n)));
        CHECK(!find(cache, numbered("more than sixteen Bytes ", n)));
    }
    CHECK(lost < 2 * kWords / 20);
}

// Small budgets: the ring goes round many times, and the table gives up words. Records of all
// sizes, up to those that are not worth their place, so that they end everywhere in the ring.
TEST(word_cache_never_gives_other_ids) {
    for (std::size_t const budget : {0, 1, 100'000, 400'000, 2'000'000}) {
        Random random(23);
        WordCache cache(budget);
        std::map<std::string, Ids> current;
        std::vector<std::string> words;
        std::size_t found = 0, refused = 0;
        for (std::size_t n = 0; n < 40'000; ++n) {
            std::string word = numbered(below(random, 2) == 0 ? "w" : "a word of some length ", n);
            if (below(random, 50) == 0) word += std::string(below(random, 6000), 'x');
            if (n % 4 == 0 && !words.empty()) word = words[below(random, words.size())];
            words.push_back(word);
            std::size_t const longest = below(random, 100) == 0 ? 1500 : 40;
            Ids const ids = random_ids(random, below(random, longest));
            insert(cache, word, ids);
            auto const now = find(cache, word);
            // A word that is not taken for its size keeps the ids it had.
            if (now && *now == ids) current[word] = ids;
            if (now && *now != ids) CHECK(current.contains(word) && *now == current.at(word));
            refused += !now;
            for (std::size_t back : {1u, 10u, 100u, 3000u}) {
                back = 1 + below(random, back);
                if (back > words.size()) continue;
                std::string const& other = words[words.size() - back];
                auto const known = find(cache, other);
                if (known) CHECK(current.contains(other) && *known == current.at(other));
                found += known.has_value();
            }
        }
        CHECK(found > 40'000);
        CHECK(refused < 2000);
    }
}

TEST(word_cache_keeps_to_its_budget) {
    for (std::size_t const budget : {std::size_t{0}, std::size_t{500'000}, std::size_t{3} << 20}) {
        WordCache cache(budget);
        constexpr std::size_t kWords = 120'000;
        // Half of the budget is for the words...
        for (std::size_t n = 0; n < kWords; ++n) insert(cache, numbered("w", n), {1, 2, 3});
        std::size_t found = 0;
        for (std::size_t n = 0; n < kWords; ++n) found += find(cache, numbered("w", n)).has_value();
        std::size_t const smallest = 4096, overflow = 6;
        CHECK(found <= std::max(smallest, budget / 2 / sizeof(CachedWord) + 1) + overflow);
        CHECK(found >= smallest / 2);
        // ... the other half for the records.
        std::size_t bytes = 0;
        for (std::size_t n = 0; n < kWords; ++n) {
            insert(cache, numbered("many ids ", n), Ids(50, static_cast<std::uint32_t>(n)));
        }
        for (std::size_t n = 0; n < kWords; ++n) {
            if (find(cache, numbered("many ids ", n))) bytes += 50 * sizeof(std::uint32_t);
        }
        CHECK(bytes <= std::max(std::size_t{16384} * 4, budget / 2 + 4));
        CHECK(bytes >= 8192 * 4);
    }
}

TEST(word_cache_refuses_what_is_not_worth_its_place) {
    WordCache cache(0);
    insert(cache, "before", {7});
    std::string const large(100'000, 'a');
    insert(cache, large, {1});
    CHECK(!find(cache, large));
    insert(cache, "many", Ids(100'000, 1));
    CHECK(!find(cache, "many"));
    CHECK(find(cache, "before") == Ids{7});
}
