// Canonical sequences of Unigram against all encodings of all short texts.
#include <cmath>
#include <map>
#include <random>

#include "bytelm/boundary_automaton.h"
#include "bytelm/unigram_canonicality.h"
#include "bytelm/utf8_prefix.h"
#include "canonical_support.h"
#include "check.h"
#include "core/error.h"

using namespace tokmill;
using namespace tokmill::bytelm;
using namespace tokmill::test;

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

struct Toy {
    Tokens tokens;
    std::vector<double> scores;
    std::vector<std::pair<std::string, double>> unspoken;
    std::optional<double> unknown_score;
    std::optional<std::array<std::uint32_t, 256>> byte_ids;
    std::vector<std::uint32_t> absent;
    bool single_precision = false;

    void add(std::string const& bytes, double score) {
        tokens.emplace_back(bytes);
        scores.push_back(score);
    }
    void add_byte_tokens() {
        byte_ids.emplace();
        for (unsigned byte = 0; byte < 256; ++byte) {
            (*byte_ids)[byte] = static_cast<std::uint32_t>(tokens.size());
            add(std::string(1, static_cast<char>(byte)), 0);
        }
    }
};

std::unique_ptr<Canonicality const> make(ByteVocabulary const& vocabulary, Toy const& toy,
                                         std::unique_ptr<BoundaryAutomaton const> boundaries) {
    std::vector<std::pair<std::string_view, double>> unspoken(toy.unspoken.begin(),
                                                              toy.unspoken.end());
    UnigramModel model;
    model.scores = toy.scores;
    model.unspoken = unspoken;
    model.unknown_score = toy.unknown_score;
    model.byte_ids = toy.byte_ids;
    model.absent_characters = toy.absent;
    model.single_precision = toy.single_precision;
    return make_unigram_canonicality(vocabulary, model, std::move(boundaries));
}

std::size_t character_size(std::string_view text) {
    std::size_t const size = utf8_size(static_cast<unsigned char>(text[0]));
    if (size == 0 || size > text.size()) return 0;
    RecentBytes bytes = 0;
    for (std::size_t i = 0; i < size; ++i) bytes = bytes << 8 | static_cast<unsigned char>(text[i]);
    return last_character_size(bytes, size) == size ? size : 0;
}

// The search from front to back, as the implementations do it.
template <class Real>
std::optional<Ids> encode_piece(Toy const& toy, std::string_view text) {
    constexpr std::int64_t kUnknown = -1, kUnspoken = -2;
    struct Piece {
        Real score;
        std::int64_t id;
    };
    std::map<std::string, Piece, std::less<>> pieces;
    for (std::size_t id = 0; id < toy.tokens.size(); ++id) {
        bool is_byte = false;
        if (toy.byte_ids) {
            for (std::uint32_t const byte_id : *toy.byte_ids) is_byte |= byte_id == id;
        }
        if (toy.tokens[id] && !is_byte && toy.scores[id] != kNever) {
            pieces[*toy.tokens[id]] = {static_cast<Real>(toy.scores[id]), std::int64_t(id)};
        }
    }
    for (auto const& [name, score] : toy.unspoken) {
        pieces[name] = {static_cast<Real>(score), kUnspoken};
    }
    struct Node {
        Real sum = 0;
        std::int64_t id = 0;
        std::size_t begin = 0;
        bool reached = false;
    };
    std::vector<Node> nodes(text.size() + 1);
    nodes[0].reached = true;
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        if (!nodes[begin].reached) continue;
        if constexpr (sizeof(Real) == sizeof(float)) {
            if (std::fabs(nodes[begin].sum) > 100000.0f) {
                Real const offset = nodes[begin].sum;
                for (std::size_t i = begin; i <= text.size(); ++i) {
                    if (nodes[i].reached) nodes[i].sum -= offset;
                }
            }
        }
        auto const reach = [&](std::size_t size, Real score, std::int64_t id) {
            Node& node = nodes[begin + size];
            Real const sum = score + nodes[begin].sum;
            if (node.reached && !(sum > node.sum)) return;
            node = {sum, id, begin, true};
        };
        for (std::size_t size = 1; begin + size <= text.size(); ++size) {
            auto const piece = pieces.find(text.substr(begin, size));
            if (piece != pieces.end()) reach(size, piece->second.score, piece->second.id);
        }
        if (!toy.unknown_score) continue;
        std::size_t const size = character_size(text.substr(begin));
        if (size != 0 && !pieces.contains(text.substr(begin, size))) {
            reach(size, static_cast<Real>(*toy.unknown_score), kUnknown);
        }
    }
    if (!nodes.back().reached) return std::nullopt;
    Ids ids;
    for (std::size_t end = text.size(); end > 0; end = nodes[end].begin) {
        Node const& node = nodes[end];
        if (node.id == kUnspoken || (node.id == kUnknown && !toy.byte_ids)) return std::nullopt;
        if (node.id != kUnknown) {
            ids.insert(ids.begin(), static_cast<std::uint32_t>(node.id));
            continue;
        }
        for (std::size_t i = end; i > node.begin; --i) {
            ids.insert(ids.begin(), (*toy.byte_ids)[static_cast<unsigned char>(text[i - 1])]);
        }
    }
    return ids;
}

Encode encoder(Toy const& toy) {
    return [toy](std::string_view text) {
        return toy.single_precision ? encode_piece<float>(toy, text)
                                    : encode_piece<double>(toy, text);
    };
}

// Scores with many equal sums, or sums that are equal but for rounding, or any.
double random_score(Random& random, std::size_t kind) {
    switch (kind) {
        case 0:
            return -1.0 - static_cast<double>(below(random, 3));
        case 1:
            return -0.1 * static_cast<double>(1 + below(random, 30));
        case 2:
            return -std::uniform_real_distribution<>(0, 10)(random);
        case 3:
            return 1 - 0.5 * static_cast<double>(below(random, 6));
        default:
            return -20000.0 - 10000.0 * static_cast<double>(below(random, 4));
    }
}
constexpr std::size_t kScoreKinds = 5;

Toy random_toy(Random& random, std::vector<std::string> const& letters, std::size_t size,
               std::size_t longest) {
    Toy toy;
    std::size_t const kind = below(random, kScoreKinds);
    toy.single_precision = random() % 2 != 0;
    toy.tokens.emplace_back();
    toy.scores.push_back(0);
    for (std::size_t i = 0; i < size; ++i) {
        std::string token;
        for (std::size_t n = 1 + below(random, longest); n > 0; --n) {
            token += letters[below(random, letters.size())];
        }
        toy.add(token, below(random, 12) == 0 ? kNever : random_score(random, kind));
    }
    if (below(random, 3) == 0) {
        toy.unspoken.emplace_back(letters[0] + letters[1], random_score(random, kind));
    }
    return toy;
}

// The characters that are in no text of a test.
std::vector<std::uint32_t> all_but(std::set<std::uint32_t> const& used) {
    std::vector<std::uint32_t> characters;
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        if (!used.contains(c)) characters.push_back(c);
    }
    return characters;
}

}  // namespace

TEST(unigram_canonical_bytes) {
    Random random(1);
    for (int round = 0; round < 60; ++round) {
        Toy const toy = random_toy(random, {"a", "b", "\xC3"}, 3 + below(random, 10), 4);
        ByteVocabulary const vocabulary = make_vocabulary(toy.tokens);
        CanonicalOracle const oracle(encoder(toy), {"a", "b", "\xC3"}, 6);
        oracle.check(vocabulary, *make(vocabulary, toy, nullptr), 6, count_bytes);
    }
}

TEST(unigram_canonical_unknown_characters) {
    std::vector<std::string> const letters = {"a", "b", "\xC3\xA9", "\xE4\xB8\xAD"};
    Random random(2);
    for (int round = 0; round < 10; ++round) {
        Toy toy = random_toy(random, letters, 2 + below(random, 9), 3);
        toy.unknown_score = random() % 2 != 0 ? -20.0 : random_score(random, below(random, 4)) - 1;
        if (random() % 2 != 0) toy.add_byte_tokens();
        toy.absent = all_but({'a', 'b', 0xE9, 0x4E2D});
        ByteVocabulary const vocabulary = make_vocabulary(toy.tokens);
        CanonicalOracle const oracle(encoder(toy), letters, 5);
        oracle.check(vocabulary, *make(vocabulary, toy, nullptr), 5, count_characters);
    }
}

// Pieces that end inside of characters that may be unknown.
TEST(unigram_canonical_parts_of_characters) {
    std::vector<std::string> const letters = {"a", "\xC3", "\xA9"};
    Random random(3);
    for (int round = 0; round < 10; ++round) {
        Toy toy = random_toy(random, letters, 3 + below(random, 8), 3);
        toy.unknown_score = random_score(random, below(random, 4)) - 1;
        if (random() % 2 != 0) toy.add_byte_tokens();
        toy.absent = all_but({'a', 0xE9});
        ByteVocabulary const vocabulary = make_vocabulary(toy.tokens);
        CanonicalOracle const oracle(encoder(toy), letters, 6);
        oracle.check(vocabulary, *make(vocabulary, toy, nullptr), 5, count_bytes);
    }
}

TEST(unigram_canonical_pieces) {
    PreTokenizer const steps[] = {
        split(" ", false, SplitBehavior::merged_with_next),
        split(" ", false, SplitBehavior::isolated),
        split(R"('b| ?[ab]+|'+|\s+(?!\S)|\s+)", true, SplitBehavior::isolated),
    };
    Random random(4);
    for (int round = 0; round < 36; ++round) {
        PreTokenizer const& step = steps[round % 3];
        std::vector<std::string> const letters = {"a", "b", round % 3 == 2 ? "'" : "c", " "};
        Toy const toy = random_toy(random, letters, 4 + below(random, 9), 3);
        ByteVocabulary const vocabulary = make_vocabulary(toy.tokens);
        CanonicalOracle const oracle(in_pieces(encoder(toy), cutter(step)), letters, 7);
        oracle.check(vocabulary, *make(vocabulary, toy, boundaries_of(step)), 4, count_bytes);
    }
}

TEST(unigram_canonical_refuses) {
    Toy toy;
    toy.add("a", std::nan(""));
    ByteVocabulary const vocabulary = make_vocabulary(toy.tokens);
    CHECK_THROWS(make(vocabulary, toy, nullptr));
    toy.scores = {1e300};
    CHECK_THROWS(make(vocabulary, toy, nullptr));
    toy.scores = {};
    CHECK_THROWS(make(vocabulary, toy, nullptr));
    toy.scores = {-1};
    toy.byte_ids.emplace();
    CHECK_THROWS(make(vocabulary, toy, nullptr));
}
