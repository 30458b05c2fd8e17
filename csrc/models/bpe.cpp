#include "models/bpe.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/byte_alphabet.h"
#include "core/prefetch.h"
#include "models/seen_words.h"

namespace tokmill {
namespace {

bool knows_all_bytes(BpeTables const& tables) {
    auto const* const bytes_end = tables.external.begin() + 256;
    return std::find(tables.external.begin(), bytes_end, kNoId) == bytes_end;
}

}  // namespace

Bpe::Bpe(BpeTables tables)
    : tables_(std::move(tables)),
      merger_(tables_.pairs),
      long_merger_(tables_.pairs, tables_.external.size(), std::move(tables_.backtrack)),
      lookup_(simd::word_lookup(simd::active_isa())),
      merge_words_(simd::word_merger(simd::active_isa())),
      knows_all_bytes_(knows_all_bytes(tables_)) {}

void Bpe::look_up(WordChunk& chunk, WordState const& state) const {
    lookup_.find(tables_.words, chunk);
    std::memset(chunk.counts, 1, chunk.count);
    chunk.spills.clear();
    chunk.spilled.clear();
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        std::size_t const i = chunk.pending[n];
        WordKey& key = chunk.keys[i];
        if (key == kNoWord || WordCache::looks_free(key)) key = WordCache::long_key(chunk.word(i));
        prefetch(state.seen.line(hash_key(key)));
    }
}

void Bpe::resolve(WordChunk& chunk, WordState& state) const {
    take_seen(chunk, state.seen, tables_.words);
    state.merges.clear();
    if (knows_all_bytes_) merge_short_words(chunk, state);
    std::size_t merged = 0;
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        std::size_t const i = chunk.pending[n];
        if (merged < state.merges.words.size() && state.merges.places[merged] == i) {
            put_merged(i, state.merges.results[merged++], chunk, state);
        } else {
            resolve_other(i, chunk, state);
        }
    }
}

// What is not found anywhere, all of it at once.
void Bpe::merge_short_words(WordChunk const& chunk, WordState& state) const {
    ShortMerges& merges = state.merges;
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        std::size_t const i = chunk.pending[n];
        WordKey const key = chunk.keys[i];
        std::uint64_t const hash = hash_key(key);
        if (WordCache::is_long(key) || tables_.words.second_line(hash).find(key) != kNoId ||
            state.seen.find(key, hash) != nullptr) {
            continue;
        }
        simd::ShortWord& word = merges.words.emplace_back();
        std::memcpy(word.text, &key, sizeof word.text);
        word.size = chunk.ends[i] - chunk.begins[i];
        merges.places.push_back(static_cast<std::uint32_t>(i));
    }
    merges.results.resize(merges.words.size());
    merge_words_(tables_.pairs, merges.words.data(), merges.words.size(), merges.results.data());
}

void Bpe::put_merged(std::size_t i, simd::ShortMerge const& merged, WordChunk& chunk,
                     WordState& state) const {
    std::uint32_t ids[simd::kMaxShortMerge];
    std::size_t count = 0;
    for (std::uint32_t starts = merged.starts; starts != 0; starts &= starts - 1) {
        ids[count++] = tables_.external[merged.symbols[std::countr_zero(starts)]];
    }
    state.seen.insert(chunk.keys[i], hash_key(chunk.keys[i]), {}, {ids, count});
    chunk.put(i, {ids, count});
}

void Bpe::resolve_other(std::size_t i, WordChunk& chunk, WordState& state) const {
    // Again, since the same word may have come before in this chunk.
    if (put_seen(i, chunk, state.seen)) return;
    WordKey const key = chunk.keys[i];
    std::uint64_t const hash = hash_key(key);
    std::string_view const word = chunk.word(i);
    state.ids.clear();
    std::uint32_t const id = tables_.words.second_line(hash).find(key);
    if (id != kNoId) {
        state.ids.push_back(id);
    } else {
        encode_word(word, state, state.ids, nullptr);
    }
    state.seen.insert(key, hash, word, state.ids);
    chunk.put(i, state.ids);
}

std::uint32_t Bpe::whole_word(std::string_view word) const noexcept {
    if (!can_be_key(word)) return tables_.long_words.find(word);
    return tables_.words.find(
        make_key(reinterpret_cast<unsigned char const*>(word.data()), word.size()));
}

void Bpe::encode_word(std::string_view word, WordState& state, std::vector<std::uint32_t>& ids,
                      std::vector<Span>* spans) const {
    std::uint32_t const id = whole_word(word);
    if (id == kNoId) {
        append_merged(word, state, ids, spans);
        return;
    }
    ids.push_back(id);
    if (spans != nullptr) spans->push_back({0, word.size()});
}

namespace {

// tokenizers adds up the lengths of what is left, in the byte alphabet's UTF-8, and takes the sum
// for a place in the word that still has all of its bytes. So behind a byte that vanished the spans
// are wrong, but this is what they are.
void place_as_tokenizers(std::string_view word, std::string_view known, std::span<Span> spans) {
    auto const width = [](char byte) {
        return kByteCharacters[static_cast<unsigned char>(byte)] < 0x80 ? std::size_t{1} : 2;
    };
    std::vector<std::size_t> place;  // of each unit of the word's UTF-8: the byte it belongs to
    for (std::size_t i = 0; i < word.size(); ++i) place.insert(place.end(), width(word[i]), i);
    std::vector<std::size_t> begin = {0};  // of each known byte, in such units
    for (char const byte : known) begin.push_back(begin.back() + width(byte));
    for (Span& span : spans) {
        span = {place[begin[span.begin]], place[begin[span.end] - 1] + 1};
    }
}

}  // namespace

// Bytes that the vocabulary lacks. Without an unknown token they vanish before anything is merged,
// so that their neighbours meet: as tokenizers does.
void Bpe::append_merged(std::string_view bytes, WordState& state, std::vector<std::uint32_t>& ids,
                        std::vector<Span>* spans) const {
    if (knows_all_bytes_ || tables_.unk_id != kNoId) {
        return append_symbols(bytes, state, ids, spans);
    }
    std::string known;
    for (char const byte : bytes) {
        if (tables_.external[static_cast<unsigned char>(byte)] != kNoId) known += byte;
    }
    std::size_t const before = spans == nullptr ? 0 : spans->size();
    if (!known.empty()) append_symbols(known, state, ids, spans);
    if (spans != nullptr) place_as_tokenizers(bytes, known, std::span(*spans).subspan(before));
}

// Merges, and makes ids of the symbols. A byte that the vocabulary lacks becomes the unknown token,
// neighbours fused if the model says so.
void Bpe::append_symbols(std::string_view bytes, WordState& state, std::vector<std::uint32_t>& ids,
                         std::vector<Span>* spans) const {
    if (bytes.empty()) return;
    Symbol few[simd::kMaxShortMerge];
    std::span<Symbol const> symbols;
    if (bytes.size() <= simd::kMaxShortMerge) {
        unsigned char padded[simd::kMaxShortMerge] = {};
        std::memcpy(padded, bytes.data(), bytes.size());
        symbols = {few, merger_.merge_short(padded, bytes.size(), few)};
    } else {
        state.symbols.clear();
        long_merger_.encode(reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(),
                            state.symbols);
        symbols = state.symbols;
    }
    std::size_t at = 0;
    bool fusing = false;
    for (Symbol const& symbol : symbols) {
        Span const span{at, at + symbol.size};
        at = span.end;
        std::uint32_t id = tables_.external[symbol.id];
        bool const unknown = id == kNoId;
        if (unknown) {
            if (fusing && tables_.fuse_unk) {
                if (spans != nullptr) spans->back().end = span.end;
                continue;
            }
            id = tables_.unk_id;
        }
        fusing = unknown;
        ids.push_back(id);
        if (spans != nullptr) spans->push_back(span);
    }
}

}  // namespace tokmill
