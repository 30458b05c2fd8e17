// From the merges of a definition to the tables of the engine.
//
// A merge can only ever fire as the last step of merging the bytes of its own result: what happens
// inside a span of text before a merge that spans it is what happens when that span stands alone
// (docs/bpe.md). So every token has at most one pair that ever forms it. Merging each token's bytes
// once with all pairs finds that pair, and whether the token can be formed at all; all other pairs
// are dead weight (Llama 3 lists 280,147 merges, of which 127,744 can fire) and are dropped. Tokens
// are then renumbered by the priority of their pair, so that a symbol is its own priority.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/parallel.h"
#include "models/bpe.h"
#include "models/queue_merge.h"

namespace tokmill {
namespace {

// How a token is formed: in the numbering of the definition (ids).
struct Formation {
    std::uint32_t priority = kNoMerge;
    std::uint32_t left = kNoId, right = kNoId;  // ids
};

struct TokenRef {
    std::string_view bytes;
    std::uint32_t id;
};

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

void refuse_size(char const* what, std::size_t limit) {
    throw Error(ErrorKind::unsupported_tokenizer,
                std::string(what) + " with more than " + std::to_string(limit) + " entries");
}

// tokenizers: the priority of a pair is its place in the list of merges.
class PairRankFormations {
 public:
    PairRankFormations(BpeModel const& model, std::uint32_t const (&byte_id)[256],
                       std::size_t id_bound)
        : merges_(&model.merges) {
        if (model.merges.size() >= (1u << 22) - 1) refuse_size("merges", (1u << 22) - 2);
        symbol_of_id_.assign(id_bound, kNoId);
        for (std::uint32_t b = 0; b < 256; ++b) {
            if (byte_id[b] != kNoId) symbol_of_id_[byte_id[b]] = b;
        }
        std::uint32_t next = 256;
        for (auto const& [bytes, id] : model.vocabulary) {
            if (symbol_of_id_[id] == kNoId) symbol_of_id_[id] = next++;
        }
        std::vector<PairTable::Entry> entries;
        std::vector<std::uint32_t> symbol_of;
        for (Merge const& merge : model.merges) {
            entries.push_back({symbol_of_id_[merge.left], symbol_of_id_[merge.right],
                               static_cast<std::uint32_t>(symbol_of.size())});
            symbol_of.push_back(symbol_of_id_[merge.merged]);
        }
        pairs_ = PairTable(entries, std::move(symbol_of));
    }

    Formation operator()(TokenRef token) const {
        std::uint32_t last = kNoMerge;
        bool whole = false;
        BpeMerger const merger(pairs_);
        if (token.bytes.size() <= simd::kMaxShortMerge) {
            unsigned char padded[simd::kMaxShortMerge] = {};
            std::memcpy(padded, token.bytes.data(), token.bytes.size());
            Symbol symbols[simd::kMaxShortMerge];
            whole = merger.merge_short(padded, token.bytes.size(), symbols, &last) == 1;
        } else {
            std::vector<Symbol> symbols;
            merger.merge(bytes_of(token.bytes), token.bytes.size(), symbols, &last);
            whole = symbols.size() == 1;
        }
        if (!whole || last == kNoMerge) return {};
        Merge const& merge = (*merges_)[last];
        return {last, merge.left, merge.right};
    }

 private:
    std::vector<Merge> const* merges_;
    std::vector<std::uint32_t> symbol_of_id_;
    PairTable pairs_;
};

// tiktoken: the priority of a pair is the id of the bytes that it joins.
class TokenRankFormations {
 public:
    explicit TokenRankFormations(ByteStringMap const& vocabulary) : vocabulary_(&vocabulary) {}

    Formation operator()(TokenRef token) const {
        Formation last;
        auto const piece = [&](std::size_t begin, std::size_t end) {
            return vocabulary_->find(token.bytes.substr(begin, end - begin));
        };
        auto const priority = [&](std::size_t begin, std::size_t, std::size_t end) {
            std::uint32_t const id = piece(begin, end);
            return id == kNoId ? kNoMerge : id;
        };
        auto const merged = [&](std::size_t begin, std::size_t middle, std::size_t end,
                                std::uint32_t found) {
            last = {found, piece(begin, middle), piece(middle, end)};
        };
        if (merge_parts(token.bytes.size(), priority, merged).size() != 1) return {};
        return last;
    }

 private:
    ByteStringMap const* vocabulary_;
};

struct CompiledPairs {
    LargeVector<PairTable::Entry> entries;
    LargeVector<std::uint32_t> external;
    std::vector<bool> forms;  // by id: merging the token's bytes gives the token
};

// Each token on its own, so on several threads.
template <class Formations>
std::vector<Formation> find_formations(std::vector<TokenRef> const& tokens,
                                       Formations const& formations) {
    constexpr std::size_t kBlock = 4096;
    std::vector<Formation> result(tokens.size());
    std::size_t const blocks = (tokens.size() + kBlock - 1) / kBlock;
    parallel_for(blocks, available_threads(), [&](std::size_t n, std::size_t) {
        for (std::size_t i = n * kBlock; i < std::min(tokens.size(), (n + 1) * kBlock); ++i) {
            if (tokens[i].bytes.size() >= 2) result[i] = formations(tokens[i]);
        }
    });
    return result;
}

template <class Formations>
CompiledPairs compile_pairs(std::vector<TokenRef> const& tokens,
                            std::uint32_t const (&byte_id)[256], std::size_t id_bound,
                            Formations const& formations) {
    struct Formed {
        Formation formation;
        std::uint32_t id;
    };
    CompiledPairs result;
    result.external.assign(byte_id, byte_id + 256);
    result.forms.assign(id_bound, false);
    std::vector<std::uint32_t> symbol(id_bound, kNoId);
    for (std::uint32_t b = 0; b < 256; ++b) {
        if (byte_id[b] == kNoId) continue;
        symbol[byte_id[b]] = b;
        result.forms[byte_id[b]] = true;
    }
    std::vector<Formed> formed;
    std::vector<Formation> const of_tokens = find_formations(tokens, formations);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (of_tokens[i].priority != kNoMerge) formed.push_back({of_tokens[i], tokens[i].id});
    }
    std::sort(formed.begin(), formed.end(), [](Formed const& a, Formed const& b) {
        return a.formation.priority < b.formation.priority;
    });
    if (formed.size() + 256 >= kMaxSymbols - 1) refuse_size("vocabulary", kMaxSymbols - 2);
    for (Formed const& token : formed) {
        symbol[token.id] = static_cast<std::uint32_t>(result.external.size());
        result.external.push_back(token.id);
        result.forms[token.id] = true;
    }
    for (Formed const& token : formed) {
        result.entries.push_back(
            {symbol[token.formation.left], symbol[token.formation.right], symbol[token.id]});
    }
    return result;
}

void check_unk(BpeModel const& model) {
    if (!model.unk_id) return;
    for (Merge const& merge : model.merges) {
        if (merge.left == *model.unk_id || merge.right == *model.unk_id) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "model BPE: a merge that takes the unknown token as a part");
        }
    }
}

// A bit for every id of a symbol.
std::vector<bool> ids_of(LargeVector<std::uint32_t> const& external) {
    std::vector<bool> ids;
    for (std::uint32_t const id : external) {
        if (id == kNoId) continue;
        if (id >= ids.size()) ids.resize(std::size_t{id} + 1);
        ids[id] = true;
    }
    return ids;
}

}  // namespace

BpeTables make_bpe_tables(BpeParts parts, BpeModel const& model) {
    LargeVector<WordTable::Word> words;
    std::vector<ByteStringMap::Word> long_words;
    words.reserve(parts.words.size());
    std::vector<bool> const formed = ids_of(parts.external);
    for (auto const& [bytes, id] : parts.words) {
        if (can_be_key(bytes)) {
            words.push_back({make_key(bytes_of(bytes), bytes.size()), id});
        } else if (id >= formed.size() || !formed[id]) {
            long_words.emplace_back(bytes, id);
        }
    }
    BpeTables tables;
    tables.pairs = PairTable(parts.pairs);
    tables.external = Array(std::move(parts.external));
    tables.words = WordTable(words);
    tables.long_words = ByteStringMap(long_words);
    tables.unk_id = model.unk_id.value_or(kNoId);
    tables.fuse_unk = model.fuse_unk;
    tables.ignore_merges = model.ignore_merges;
    return tables;
}

BpeTables compile_bpe(BpeModel const& model, ByteStringMap const& vocabulary) {
    check_unk(model);
    std::uint32_t byte_id[256];
    std::fill_n(byte_id, 256, kNoId);
    std::vector<TokenRef> tokens;
    std::size_t id_bound = 0;
    for (auto const& [bytes, id] : model.vocabulary) {
        if (bytes.size() == 1) byte_id[static_cast<unsigned char>(bytes[0])] = id;
        if (!bytes.empty()) tokens.push_back({bytes, id});
        id_bound = std::max<std::size_t>(id_bound, std::size_t{id} + 1);
    }
    std::sort(tokens.begin(), tokens.end(),
              [](TokenRef const& a, TokenRef const& b) { return a.id < b.id; });

    CompiledPairs pairs =
        model.order == MergeOrder::pair_rank
            ? compile_pairs(tokens, byte_id, id_bound, PairRankFormations(model, byte_id, id_bound))
            : compile_pairs(tokens, byte_id, id_bound, TokenRankFormations(vocabulary));

    BpeParts parts{std::move(pairs.entries), std::move(pairs.external), {}};
    for (TokenRef const& token : tokens) {
        if (model.ignore_merges || pairs.forms[token.id]) {
            parts.words.emplace_back(token.bytes, token.id);
        }
    }
    BpeTables tables = make_bpe_tables(std::move(parts), model);
    // Whoever loads a definition is going to encode much; a snapshot may be for a line or two.
    tables.backtrack = std::make_unique<BacktrackTables const>(
        make_backtrack_tables(tables.pairs, tables.external.size()));
    return tables;
}

}  // namespace tokmill
