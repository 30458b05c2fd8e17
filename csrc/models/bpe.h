// Byte-level BPE, compiled: words to ids by table lookup, and by merging where the tables do not
// know a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/array.h"
#include "core/id_buffer.h"
#include "core/span.h"
#include "models/backtrack.h"
#include "models/bpe_merge.h"
#include "models/byte_string_map.h"
#include "models/pair_table.h"
#include "models/word_cache.h"
#include "models/word_table.h"
#include "pipeline/definition.h"
#include "simd/word_lookup.h"

namespace tokmill {

// The tables; plain arrays, so that a snapshot can hold them as they are.
struct BpeTables {
    PairTable pairs;
    Array<std::uint32_t> external;  // symbol -> id; kNoId for a byte that the vocabulary lacks
    WordTable words;           // vocabulary words of at most 16 bytes that encode to themselves
    ByteStringMap long_words;  // longer ones that do, though merging cannot form them
    BacktrackTables backtrack;
    std::uint32_t unk_id = kNoId;
    bool fuse_unk = false;
    bool ignore_merges = false;
};

// What the tables are made from.
struct BpeParts {
    // Symbols 0..255 are the bytes, the others are numbered by the priority of their pair.
    LargeVector<PairTable::Entry> pairs;     // one for each symbol from 256 on, in order
    LargeVector<std::uint32_t> external;     // symbol -> id
    LargeVector<ByteStringMap::Word> words;  // to be found whole; distinct, important ones first
};

// The flags are those of `model`; its vocabulary and merges are not read.
BpeTables make_bpe_tables(BpeParts parts, BpeModel const& model);

// `vocabulary` maps the bytes of every entry of the model to its id.
BpeTables compile_bpe(BpeModel const& model, ByteStringMap const& vocabulary);

// Scratch and caches of one thread at work.
struct BpeState {
    explicit BpeState(std::size_t cache_budget) : seen(cache_budget) {}

    WordCache seen;
    std::vector<Symbol> symbols;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> spilled;
};

// Pre-tokens as offsets from a base: token i is [begins[i], ends[i]).
struct WordSpans {
    unsigned char const* base;
    std::uint32_t const* begins;
    std::uint32_t const* ends;
    std::size_t count;                  // at most Bpe::kChunk
    unsigned char const* readable_end;  // how far memory may be read

    std::string_view word(std::size_t i) const noexcept {
        return {reinterpret_cast<char const*>(base) + begins[i], ends[i] - begins[i]};
    }
};

class Bpe {
 public:
    static constexpr std::size_t kChunk = simd::kMaxLookup;

    explicit Bpe(BpeTables tables);
    BpeTables const& tables() const noexcept { return tables_; }

    // Appends the ids of the words, in order.
    void encode(WordSpans const& words, BpeState& state, IdBuffer& ids) const;
    // Their number.
    std::size_t count(WordSpans const& words, BpeState& state) const;

    // One word of any length, past all caches; appends the ids and, if asked for, the number of
    // bytes that each of them stands for (bytes dropped by the model belong to no id).
    void encode_word(std::string_view word, BpeState& state, std::vector<std::uint32_t>& ids,
                     std::vector<Span>* spans) const;

    // The merges alone, as tiktoken applies them to bytes that are not text.
    void merge_bytes(std::string_view bytes, BpeState& state,
                     std::vector<std::uint32_t>& ids) const;

 private:
    struct Resolved;
    void resolve(WordSpans const& words, BpeState& state, Resolved& resolved) const;
    std::size_t take_seen(WordSpans const& words, std::size_t pending, BpeState& state,
                          Resolved& resolved) const;
    void resolve_rest(std::string_view word, std::size_t i, BpeState& state,
                      Resolved& resolved) const;
    void append_short(WordKey key, std::size_t size, std::vector<std::uint32_t>& ids) const;
    void append_merged(std::string_view bytes, BpeState& state, std::vector<std::uint32_t>& ids,
                       std::vector<Span>* spans) const;
    void append_symbols(std::string_view bytes, BpeState& state, std::vector<std::uint32_t>& ids,
                        std::vector<Span>* spans) const;
    std::uint32_t whole_word(std::string_view word) const noexcept;

    BpeTables tables_;
    BpeMerger merger_;
    BacktrackEncoder long_merger_;
    simd::LookupWords lookup_;
    bool knows_all_bytes_;
};

}  // namespace tokmill
