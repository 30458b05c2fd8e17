// Long pre-tokens: longest match with checks of neighbours against merging by the definition, and
// the trie behind it against a plain search.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check.h"
#include "models/backtrack.h"
#include "models/lazy_backtrack.h"
#include "models/prefix_trie.h"
#include "random_vocabulary.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

// The definition word for word: look at all pairs, join the first of the lowest. `priority(begin,
// middle, end)` as in merge_parts. Returns the borders.
template <class Priority>
std::vector<std::size_t> merged_plainly(std::size_t size, Priority const& priority) {
    std::vector<std::size_t> borders(size + 1);
    for (std::size_t i = 0; i <= size; ++i) borders[i] = i;
    for (;;) {
        std::uint32_t best = kNoMerge;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 2 < borders.size(); ++i) {
            std::uint32_t const found = priority(borders[i], borders[i + 1], borders[i + 2]);
            if (found < best) {
                best = found;
                at = i;
            }
        }
        if (best == kNoMerge) return borders;
        borders.erase(borders.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
}

std::vector<std::size_t> borders_of(std::vector<Symbol> const& symbols) {
    std::vector<std::size_t> borders = {0};
    for (Symbol const& symbol : symbols) borders.push_back(borders.back() + symbol.size);
    return borders;
}

std::vector<Symbol> encoded(BpeTables const& tables, std::string_view text) {
    std::vector<Symbol> symbols;
    BacktrackEncoder(*tables.backtrack, tables.pairs).encode(bytes_of(text), text.size(), symbols);
    return symbols;
}

std::vector<Symbol> with_ids(BpeTables const& tables, std::vector<Symbol> symbols) {
    for (Symbol& symbol : symbols) symbol.id = tables.external[symbol.id];
    return symbols;
}

std::string shown(std::vector<Symbol> const& symbols) {
    std::string text;
    for (Symbol const& symbol : symbols) {
        text += std::to_string(symbol.id) + ":" + std::to_string(symbol.size) + " ";
    }
    return text;
}

// Everything that is needed to repeat a case by hand.
std::string described(RandomVocabulary const& vocabulary, std::string_view text) {
    std::string all;
    for (Merge const& merge : vocabulary.model.merges) {
        all += quote(vocabulary.tokens[merge.left]) + "+" + quote(vocabulary.tokens[merge.right]) +
               " ";
    }
    return all + "in " + quote(text);
}

void check_same(std::vector<Symbol> const& found, std::vector<Symbol> const& wanted,
                RandomVocabulary const& vocabulary, std::string_view text) {
    if (found == wanted) return;
    CHECK_EQ(shown(found), shown(wanted));
    CHECK_EQ(described(vocabulary, text), "");
}

std::size_t irregular_symbols(BacktrackTables const& tables) {
    return static_cast<std::size_t>(
        std::count_if(tables.parts.begin(), tables.parts.end(),
                      [](BacktrackTables::Parts const& part) { return part.is_irregular(); }));
}

// Every listed merge in order; the tokens follow from the strings.
RandomVocabulary vocabulary_of(std::vector<std::pair<std::string, std::string>> const& merges) {
    RandomVocabulary made;
    std::map<std::string, std::uint32_t> ids;
    auto const id_of = [&](std::string const& bytes) {
        auto const [place, is_new] =
            ids.emplace(bytes, static_cast<std::uint32_t>(made.tokens.size()));
        if (is_new) made.tokens.push_back(bytes);
        return place->second;
    };
    for (unsigned byte = 0; byte < 256; ++byte) id_of(std::string(1, static_cast<char>(byte)));
    for (auto const& [left, right] : merges) {
        made.model.merges.push_back({id_of(left), id_of(right), id_of(left + right)});
    }
    for (std::uint32_t id = 0; id < made.tokens.size(); ++id) {
        made.model.vocabulary.emplace_back(made.tokens[id], id);
    }
    return made;
}

BpeTables compiled(BpeModel const& model) {
    return compile_bpe(model, vocabulary_map(model));
}

}  // namespace

TEST(long_words_backtracking_gives_what_merging_gives) {
    Random random(1);
    std::size_t irregular = 0, merged_symbols = 0;
    for (int round = 0; round < 500; ++round) {
        RandomVocabulary const vocabulary = random_vocabulary(random);
        BpeTables const tables = compiled(vocabulary.model);
        PairTable const listed = listed_pairs(vocabulary.model);
        irregular += irregular_symbols(*tables.backtrack);
        for (int n = 0; n < 16; ++n) {
            std::string const text = random_text(random, vocabulary, 1 + below(random, 300));
            std::vector<Symbol> const wanted = merged_with_queue(tables.pairs, text);
            check_same(encoded(tables, text), wanted, vocabulary, text);
            check_same(with_ids(tables, wanted), merged_with_queue(listed, text), vocabulary, text);
            for (Symbol const& symbol : wanted) merged_symbols += symbol.id >= 256;
        }
    }
    // The cases are what they are meant to be.
    CHECK(irregular > 500);
    CHECK(merged_symbols > 50000);
}

TEST(long_words_queue_merges_as_defined) {
    Random random(2);
    for (int round = 0; round < 300; ++round) {
        RandomVocabulary const vocabulary = random_vocabulary(random);
        PairTable const listed = listed_pairs(vocabulary.model);
        std::map<std::string, std::uint32_t> ids;
        for (auto const& [bytes, id] : vocabulary.model.vocabulary) ids.emplace(bytes, id);
        for (int n = 0; n < 6; ++n) {
            std::string const text = random_text(random, vocabulary, 1 + below(random, 60));
            auto const priority = [&](std::size_t begin, std::size_t middle, std::size_t end) {
                return listed.find(ids.at(text.substr(begin, middle - begin)),
                                   ids.at(text.substr(middle, end - middle)));
            };
            CHECK_EQ(borders_of(merged_with_queue(listed, text)),
                     merged_plainly(text.size(), priority));
        }
    }
}

// Vocabularies without a list of merges: the joined bytes with the lowest id go first, and the ids
// may be in any order.
TEST(long_words_backtracking_by_rank) {
    Random random(3);
    std::size_t irregular = 0;
    for (int round = 0; round < 200; ++round) {
        RandomVocabulary vocabulary = random_vocabulary(random);
        vocabulary.model.merges.clear();
        vocabulary.model.order = MergeOrder::token_rank;
        auto& entries = vocabulary.model.vocabulary;
        for (std::size_t n = below(random, 3) * entries.size() / 2; n-- > 0;) {
            std::swap(entries[below(random, entries.size())].second,
                      entries[below(random, entries.size())].second);
        }
        ByteStringMap const ids = vocabulary_map(vocabulary.model);
        BpeTables const tables = compile_bpe(vocabulary.model, ids);
        irregular += irregular_symbols(*tables.backtrack);
        for (int n = 0; n < 8; ++n) {
            std::string const text = random_text(random, vocabulary, 1 + below(random, 100));
            auto const priority = [&](std::size_t begin, std::size_t, std::size_t end) {
                return ids.find(std::string_view(text).substr(begin, end - begin));
            };
            std::vector<Symbol> const found = encoded(tables, text);
            std::vector<std::size_t> const wanted = merged_plainly(text.size(), priority);
            CHECK_EQ(borders_of(found), wanted);
            for (std::size_t i = 0; i + 1 < wanted.size() && i < found.size(); ++i) {
                CHECK_EQ(tables.external[found[i].id],
                         priority(wanted[i], wanted[i], wanted[i + 1]));
            }
        }
    }
    CHECK(irregular > 100);
}

// A quadratic search would take hours.
TEST(long_words_a_million_bytes) {
    std::vector<std::pair<std::string, std::string>> doubling, odd;
    for (std::size_t n = 1; n <= 64; n *= 2) {
        doubling.emplace_back(std::string(n, 'a'), std::string(n, 'a'));
        odd.emplace_back(std::string(n, 'a'), std::string(n, 'a'));
        if (n > 2) odd.emplace_back(std::string(n, 'a'), std::string(n / 2 - 1, 'a'));
    }
    odd.emplace_back("aaa", "a");
    odd.emplace_back("aa", "a");
    for (auto const& merges : {doubling, odd}) {
        RandomVocabulary const vocabulary = vocabulary_of(merges);
        BpeTables const tables = compiled(vocabulary.model);
        for (std::size_t const size : {1'000'000, 40'001, 40'002, 40'003, 32'767}) {
            std::string const text(size, 'a');
            CHECK(encoded(tables, text) == merged_with_queue(tables.pairs, text));
            if (size > 50'000) continue;
            std::string const other = text + "b" + text;
            CHECK(encoded(tables, other) == merged_with_queue(tables.pairs, other));
        }
    }
}

// The pair at the right end of a run of bytes goes first and decides about all those before it:
// much to go back over, again and again.
TEST(long_words_decided_from_the_right) {
    std::vector<std::pair<std::string, std::string>> merges;
    auto const byte = [](unsigned value) { return std::string(1, static_cast<char>(value)); };
    for (unsigned value = 255; value-- > 0;) merges.emplace_back(byte(value), byte(value + 1));
    RandomVocabulary const vocabulary = vocabulary_of(merges);
    BpeTables const tables = compiled(vocabulary.model);
    Random random(4);
    std::string text;
    while (text.size() < 500'000) {
        for (unsigned value = static_cast<unsigned>(below(random, 3)); value < 254; ++value) {
            text += static_cast<char>(value);
        }
        if (below(random, 2) == 0) text += '\xFE';
    }
    CHECK(encoded(tables, text) == merged_with_queue(tables.pairs, text));
}

TEST(long_words_tables_are_made_once_they_pay) {
    Random random(5);
    RandomVocabulary const vocabulary = random_vocabulary(random);
    BpeTables tables = compiled(vocabulary.model);
    LazyBacktrack const lazy(tables.pairs, tables.external.size(), nullptr);
    for (int n = 0; n < 400; ++n) {  // 120,000 bytes: the tables are made on the way
        std::string const text = random_text(random, vocabulary, 17 + below(random, 600));
        std::vector<Symbol> symbols = {{1, 1}};
        lazy.encode(bytes_of(text), text.size(), symbols);
        symbols.erase(symbols.begin());  // what was there stays there
        check_same(symbols, merged_with_queue(tables.pairs, text), vocabulary, text);
    }
    CHECK_EQ(&lazy.get(), &lazy.get());
    BacktrackTables const* const made = tables.backtrack.get();
    LazyBacktrack const ready(tables.pairs, tables.external.size(), std::move(tables.backtrack));
    CHECK_EQ(&ready.get(), made);
}

namespace {

// Distinct strings, the single bytes first.
std::vector<std::string> random_symbols(Random& random) {
    std::vector<std::string> symbols;
    std::set<std::string> seen;
    auto const add = [&](std::string bytes) {
        if (seen.insert(bytes).second) symbols.push_back(std::move(bytes));
    };
    for (unsigned byte = 0; byte < 256; ++byte) add(std::string(1, static_cast<char>(byte)));
    std::size_t const letters = below(random, 2) == 0 ? 256 : 1 + below(random, 4);
    std::size_t const longest = 2 + below(random, letters == 256 ? 4 : 40);
    std::size_t const count = below(random, below(random, 8) == 0 ? 20000 : 300);
    for (std::size_t n = 0; n < count; ++n) {
        // Many with a common beginning.
        std::string bytes = symbols[below(random, symbols.size())];
        if (below(random, 3) == 0) bytes.clear();
        std::size_t const size = 2 + below(random, longest - 1);
        while (bytes.size() < size) bytes += static_cast<char>(below(random, letters));
        add(bytes);
    }
    if (below(random, 10) == 0) {
        for (std::size_t size = 2; size < 2000; ++size) add(std::string(size, '\0'));
    }
    return symbols;
}

}  // namespace

TEST(prefix_trie_finds_what_a_search_finds) {
    Random random(6);
    for (int round = 0; round < 60; ++round) {
        std::vector<std::string> const symbols = random_symbols(random);
        std::vector<std::string_view> const views(symbols.begin(), symbols.end());
        std::vector<std::uint32_t> shorter(symbols.size(), 12345);
        PrefixTrie const trie(views, shorter);
        std::map<std::string_view, std::uint32_t> number;
        std::size_t longest = 0;
        for (std::uint32_t s = 0; s < views.size(); ++s) {
            number.emplace(views[s], s);
            longest = std::max(longest, views[s].size());
        }
        auto const search = [&](std::string_view text, std::size_t size) {
            for (size = std::min(size, longest); size > 0; --size) {
                auto const found = number.find(text.substr(0, size));
                if (found != number.end()) return found->second;
            }
            return PrefixTrie::kNoSymbol;
        };
        for (std::uint32_t s = 0; s < symbols.size(); ++s) {
            CHECK_EQ(shorter[s], search(symbols[s], symbols[s].size() - 1));
        }
        for (std::uint64_t const node : trie.nodes()) {
            CHECK(PrefixTrie::is_closed(node, trie.nodes().size(), symbols.size()));
        }
        PrefixTrie const again(
            Array<std::uint64_t>::view({trie.nodes().data(), trie.nodes().size()}));
        for (int n = 0; n < 300; ++n) {
            // In its own memory, so that a read behind the end is noticed.
            std::string text = symbols[below(random, symbols.size())];
            if (below(random, 2) == 0) text += symbols[below(random, symbols.size())];
            if (below(random, 2) == 0) text.resize(1 + below(random, text.size()));
            std::vector<unsigned char> const exact(text.begin(), text.end());
            unsigned char const* const end = exact.data() + exact.size();
            std::uint32_t const wanted = search(text, text.size());
            for (PrefixTrie const* const one : {&trie, &again}) {
                PrefixTrie::Match const match = one->longest(exact.data(), end);
                CHECK_EQ(match.symbol, wanted);
                CHECK_EQ(match.size, symbols[wanted].size());
            }
        }
    }
}
