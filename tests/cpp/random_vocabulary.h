// Random merges over small alphabets. Nobody would train such vocabularies: symbols are made of
// later ones, several pairs give the same bytes, most of them never apply. What merging by the
// definition makes of a text is what everything else is held against.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/bpe.h"
#include "models/bpe_merge.h"
#include "models/pair_table.h"
#include "pipeline/definition.h"
#include "random_numbers.h"

namespace tokmill {

// Here, so that the harness's equal() finds it.
inline bool operator==(Symbol const& a, Symbol const& b) {
    return a.id == b.id && a.size == b.size;
}

}  // namespace tokmill

namespace tokmill::test {

inline unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

struct RandomVocabulary {
    BpeModel model;                   // ids 0..255 are the bytes
    std::vector<std::string> tokens;  // by id
    std::vector<std::string> units;   // what texts consist of, characters of one or more bytes
};

// Characters of one to four bytes; some share their first or last bytes.
inline std::vector<std::string> random_units(Random& random) {
    static std::vector<std::string> const kUnits[] = {
        {"a"},
        {"a", "b"},
        {"a", "b", "c"},
        {"a", "b", "c", "d", "e", "f", " "},
        {"\xC3\xA9", "\xC3\xA8", "e"},
        {"\xE6\x97\xA5", "\xE6\x9C\xAC", "\xE6\x97\xAC", "\xD0\xA5"},
        {"\xF0\x9F\x99\x82", "\xF0\x9F\x98\x80", "\xF0\x9F\x8D\x80", " "},
        {std::string(1, '\0'), "\x01", "\xFF"},
    };
    return kUnits[below(random, std::size(kUnits))];
}

// The merges in the order in which their tokens were made, then mixed up: not at all, a little or
// entirely. A merge that stands before the ones that make its parts gives an irregular symbol.
inline RandomVocabulary random_vocabulary(Random& random) {
    constexpr std::size_t kLongest = 80;
    RandomVocabulary made{{}, {}, random_units(random)};
    std::map<std::string, std::uint32_t> ids;
    auto const add = [&](std::string const& bytes) {
        auto const [place, is_new] =
            ids.emplace(bytes, static_cast<std::uint32_t>(made.tokens.size()));
        if (is_new) made.tokens.push_back(bytes);
        return place->second;
    };
    for (unsigned byte = 0; byte < 256; ++byte) add(std::string(1, static_cast<char>(byte)));
    std::vector<std::uint32_t> parts;
    for (std::string const& unit : made.units) {
        for (char const byte : unit) parts.push_back(static_cast<unsigned char>(byte));
    }
    std::size_t const alphabet = parts.size();
    std::size_t const merges = 1 + below(random, below(random, 4) == 0 ? 200 : 30);
    bool const chains = below(random, 3) == 0;  // a, aa, aaa, ...
    for (std::size_t n = 0; n < merges; ++n) {
        std::uint32_t left = parts[below(random, parts.size())];
        std::uint32_t right = parts[below(random, parts.size())];
        if (chains) (below(random, 2) == 0 ? right : left) = parts[below(random, alphabet)];
        if (chains) (below(random, 4) != 0 ? left : right) = parts.back();
        std::string const bytes = made.tokens[left] + made.tokens[right];
        if (bytes.size() > kLongest) continue;
        std::uint32_t const merged = add(bytes);
        made.model.merges.push_back({left, right, merged});
        parts.push_back(merged);
    }
    std::vector<Merge>& order = made.model.merges;
    std::size_t const swaps[] = {0, 0, order.size() / 8 + 1, 2 * order.size()};
    for (std::size_t n = swaps[below(random, std::size(swaps))]; n-- > 0 && !order.empty();) {
        std::swap(order[below(random, order.size())], order[below(random, order.size())]);
    }
    for (std::uint32_t id = 0; id < made.tokens.size(); ++id) {
        made.model.vocabulary.emplace_back(made.tokens[id], id);
    }
    return made;
}

// Characters and tokens at random, cut off at `size` bytes.
inline std::string random_text(Random& random, RandomVocabulary const& vocabulary,
                               std::size_t size) {
    std::string text;
    std::size_t const tokens = vocabulary.tokens.size() - 256;
    while (text.size() < size) {
        if (tokens != 0 && below(random, 3) == 0) {
            text += vocabulary.tokens[256 + below(random, tokens)];
        } else {
            text += vocabulary.units[below(random, vocabulary.units.size())];
        }
    }
    text.resize(size);
    return text;
}

// All merges as they were listed, the ids as symbols.
inline PairTable listed_pairs(BpeModel const& model) {
    std::vector<PairTable::Entry> entries;
    std::vector<std::uint32_t> symbol_of;
    for (Merge const& merge : model.merges) {
        entries.push_back({merge.left, merge.right, static_cast<std::uint32_t>(symbol_of.size())});
        symbol_of.push_back(merge.merged);
    }
    return PairTable(entries, std::move(symbol_of));
}

inline ByteStringMap vocabulary_map(BpeModel const& model) {
    std::vector<ByteStringMap::Word> words;
    for (auto const& [bytes, id] : model.vocabulary) words.emplace_back(bytes, id);
    return ByteStringMap(words);
}

inline std::vector<Symbol> merged_with_queue(PairTable const& pairs, std::string_view text) {
    std::vector<Symbol> symbols;
    BpeMerger(pairs).merge_with_queue(bytes_of(text), text.size(), symbols);
    return symbols;
}

}  // namespace tokmill::test
