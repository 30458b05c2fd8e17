// Byte-level BPE, compiled: words to ids by table lookup, and by merging where the tables do not
// know a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/array.h"
#include "core/span.h"
#include "models/bpe_merge.h"
#include "models/byte_string_map.h"
#include "models/lazy_backtrack.h"
#include "models/pair_table.h"
#include "models/word_state.h"
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
    std::unique_ptr<BacktrackTables const> backtrack;  // null: made when needed
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

class Bpe {
 public:
    explicit Bpe(BpeTables tables);
    BpeTables const& tables() const noexcept { return tables_; }
    BacktrackTables const& backtrack() const { return long_merger_.get(); }

    // The stations of a chunk of words, in order. Each asks for memory that the next one reads.
    void prepare(WordChunk& chunk) const { lookup_.prepare(tables_.words, chunk); }
    void look_up(WordChunk& chunk, WordState const& state) const;
    void resolve(WordChunk& chunk, WordState& state) const;

    // One word of any length, past all caches; appends the ids and, if asked for, the number of
    // bytes that each of them stands for (bytes dropped by the model belong to no id).
    void encode_word(std::string_view word, WordState& state, std::vector<std::uint32_t>& ids,
                     std::vector<Span>* spans) const;

 private:
    void merge_short_words(WordChunk const& chunk, WordState& state) const;
    void put_merged(std::size_t i, simd::ShortMerge const& merged, WordChunk& chunk,
                    WordState& state) const;
    void resolve_other(std::size_t i, WordChunk& chunk, WordState& state) const;
    void append_merged(std::string_view bytes, WordState& state, std::vector<std::uint32_t>& ids,
                       std::vector<Span>* spans) const;
    void append_symbols(std::string_view bytes, WordState& state, std::vector<std::uint32_t>& ids,
                        std::vector<Span>* spans) const;
    std::uint32_t whole_word(std::string_view word) const noexcept;

    BpeTables tables_;
    BpeMerger merger_;
    LazyBacktrack long_merger_;
    simd::WordLookup lookup_;
    simd::MergeWords merge_words_;
    bool knows_all_bytes_;
};

}  // namespace tokmill
