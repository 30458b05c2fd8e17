#include "models/bpe.h"

#include <algorithm>
#include <cstring>

namespace tokmill {
namespace {

TOKMILL_INLINE void prefetch(void const* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#else
    static_cast<void>(p);
#endif
}

}  // namespace

namespace {

// A bit for every word that a lookup finds but that merging cannot form (ignore_merges); empty if
// there is none.
std::vector<bool> words_not_formed(BpeTables const& tables) {
    if (!tables.ignore_merges) return {};
    std::uint32_t bound = 0;
    for (WordLine const& line : tables.words.lines()) {
        // A free place has the id kNoId, whose successor is 0.
        for (std::uint32_t const id : line.ids) bound = std::max(bound, id + 1);
    }
    std::vector<bool> not_formed(bound, true);
    for (std::uint32_t const id : tables.external) {
        if (id < bound) not_formed[id] = false;
    }
    return not_formed;
}

bool knows_all_bytes(BpeTables const& tables) {
    auto const* const bytes_end = tables.external.begin() + 256;
    return std::find(tables.external.begin(), bytes_end, kNoId) == bytes_end;
}

}  // namespace

Bpe::Bpe(BpeTables tables)
    : tables_(std::move(tables)),
      merger_(tables_.pairs),
      lookup_(simd::word_lookup(simd::active_isa())),
      knows_all_bytes_(knows_all_bytes(tables_)),
      not_formed_(words_not_formed(tables_)) {}

// The ids of one chunk of words before they are written out: eight places a word, and a side
// array for the words that need more than kInlineIds.
struct Bpe::Resolved {
    struct Spill {
        std::uint32_t word, begin, count;
    };
    explicit Resolved(std::vector<std::uint32_t>& spill_buffer) : spilled(spill_buffer) {
        spilled.clear();
    }

    alignas(64) std::uint32_t ids[kChunk][8];
    WordKey keys[kChunk];
    std::uint8_t counts[kChunk];
    std::uint16_t pending[kChunk + 1];  // words that the first line of the word table does not hold
    Spill spills[kChunk];               // in the order of the words
    std::size_t spill_count = 0;
    std::vector<std::uint32_t>& spilled;

    void spill(std::size_t i, std::span<std::uint32_t const> values) {
        counts[i] = 0;
        spills[spill_count++] = {static_cast<std::uint32_t>(i),
                                 static_cast<std::uint32_t>(spilled.size()),
                                 static_cast<std::uint32_t>(values.size())};
        spilled.insert(spilled.end(), values.begin(), values.end());
    }
};

void Bpe::resolve(WordSpans const& words, BpeState& state, Resolved& resolved) const {
    std::size_t const pending =
        lookup_(tables_.words, {words.base, words.begins, words.ends, words.count,
                                words.readable_end, resolved.keys, resolved.ids, resolved.pending});
    std::memset(resolved.counts, 1, words.count);
    for (std::size_t n = 0; n < pending; ++n) {
        std::uint64_t const hash = hash_key(resolved.keys[resolved.pending[n]]);
        prefetch(&tables_.words.second_line(hash));
        prefetch(state.short_words.line(hash));
    }
    for (std::size_t n = 0; n < pending; ++n) {
        std::size_t const i = resolved.pending[n];
        if (resolved.keys[i] != kNoWord) {
            resolve_short(words, i, state, resolved);
        } else {
            resolve_long({reinterpret_cast<char const*>(words.base) + words.begins[i],
                          words.ends[i] - words.begins[i]},
                         i, state, resolved);
        }
    }
}

void Bpe::resolve_short(WordSpans const& words, std::size_t i, BpeState& state,
                        Resolved& resolved) const {
    WordKey const key = resolved.keys[i];
    std::uint64_t const hash = hash_key(key);
    if (std::uint32_t const id = tables_.words.second_line(hash).find(key); id != kNoId) {
        resolved.ids[i][0] = id;
        return;
    }
    std::string_view const word(reinterpret_cast<char const*>(words.base) + words.begins[i],
                                words.ends[i] - words.begins[i]);
    if (!ShortWordCache::can_hold(key)) return resolve_long(word, i, state, resolved);
    CachedWord const* const known = state.short_words.find(key, hash);
    if (known != nullptr && known->is_packed()) {
        resolved.counts[i] = static_cast<std::uint8_t>(known->unpack(resolved.ids[i]));
        return;
    }
    if (known != nullptr) return resolve_long(word, i, state, resolved);
    state.ids.clear();
    append_merged(word, state, state.ids, nullptr);
    CachedWord seen{key, {}};
    if (CachedWord::fits(state.ids)) {
        std::copy(state.ids.begin(), state.ids.end(), resolved.ids[i]);
        resolved.counts[i] = static_cast<std::uint8_t>(state.ids.size());
        seen.pack(state.ids);
    } else {
        resolve_long(word, i, state, resolved);
        seen.mark_not_packed();
    }
    state.short_words.insert(seen, hash);
}

void Bpe::resolve_long(std::string_view word, std::size_t i, BpeState& state,
                       Resolved& resolved) const {
    auto const* const text = reinterpret_cast<unsigned char const*>(word.data());
    std::uint64_t const hash = hash_bytes(text, word.size());
    auto const known = state.long_words.find(text, word.size(), hash);
    if (known.data() != nullptr) return resolved.spill(i, known);
    state.ids.clear();
    if (std::uint32_t const id = whole_word(word); id != kNoId) {
        state.ids.push_back(id);
    } else {
        append_pieces(word, state, state.ids);
    }
    state.long_words.insert(text, word.size(), hash, state.ids);
    resolved.spill(i, state.ids);
}

// The merging of a long word of valid UTF-8, piece by piece where it can be cut.
void Bpe::append_pieces(std::string_view word, BpeState& state,
                        std::vector<std::uint32_t>& ids) const {
    // Bytes that the vocabulary lacks reach across cuts: they vanish or are fused.
    if (!knows_all_bytes_) return append_merged(word, state, ids, nullptr);
    state.pieces.clear();
    tables_.junctions.cut(word, state.pieces);
    for (Span const& piece : state.pieces) {
        std::string_view const text = word.substr(piece.begin, piece.size());
        WordKey const key =
            make_key(reinterpret_cast<unsigned char const*>(text.data()), text.size());
        if (key == kNoWord || !ShortWordCache::can_hold(key)) {
            append_merged(text, state, ids, nullptr);
            continue;
        }
        std::uint32_t const id = tables_.words.find(key);
        if (id != kNoId && (id >= not_formed_.size() || !not_formed_[id])) {
            ids.push_back(id);
            continue;
        }
        std::uint64_t const hash = hash_key(key);
        CachedWord const* const known = state.short_words.find(key, hash);
        std::size_t const before = ids.size();
        if (known != nullptr && known->is_packed()) {
            ids.resize(before + kInlineIds);
            ids.resize(before + known->unpack(ids.data() + before));
            continue;
        }
        append_merged(text, state, ids, nullptr);
        std::span<std::uint32_t const> const added(ids.data() + before, ids.size() - before);
        if (CachedWord::fits(added)) {
            CachedWord seen{key, {}};
            seen.pack(added);
            state.short_words.insert(seen, hash);
        }
    }
}

void Bpe::encode(WordSpans const& words, BpeState& state, IdBuffer& ids) const {
    Resolved resolved(state.spilled);
    resolve(words, state, resolved);
    std::uint32_t* out = ids.reserve(words.count * 8 + resolved.spilled.size());
    std::size_t i = 0;
    auto const copy_until = [&](std::size_t end) {
        for (; i < end; ++i) {
            std::memcpy(out, resolved.ids[i], sizeof resolved.ids[i]);
            out += resolved.counts[i];
        }
    };
    for (std::size_t n = 0; n < resolved.spill_count; ++n) {
        auto const& spill = resolved.spills[n];
        copy_until(spill.word);
        std::memcpy(out, resolved.spilled.data() + spill.begin, spill.count * sizeof *out);
        out += spill.count;
        ++i;
    }
    copy_until(words.count);
    ids.commit(out);
}

std::size_t Bpe::count(WordSpans const& words, BpeState& state) const {
    Resolved resolved(state.spilled);
    resolve(words, state, resolved);
    std::size_t total = resolved.spilled.size();
    for (std::size_t i = 0; i < words.count; ++i) total += resolved.counts[i];
    return total;
}

std::uint32_t Bpe::whole_word(std::string_view word) const noexcept {
    if (!can_be_key(word)) return tables_.long_words.find(word);
    return tables_.words.find(
        make_key(reinterpret_cast<unsigned char const*>(word.data()), word.size()));
}

void Bpe::encode_word(std::string_view word, BpeState& state, std::vector<std::uint32_t>& ids,
                      std::vector<Span>* spans) const {
    std::uint32_t const id = whole_word(word);
    if (id == kNoId) {
        append_merged(word, state, ids, spans);
        return;
    }
    ids.push_back(id);
    if (spans != nullptr) spans->push_back({0, word.size()});
}

void Bpe::merge_bytes(std::string_view bytes, BpeState& state,
                      std::vector<std::uint32_t>& ids) const {
    append_merged(bytes, state, ids, nullptr);
}

// Bytes that the vocabulary lacks. Without an unknown token they vanish before anything is merged,
// so that their neighbours meet: as tokenizers does.
void Bpe::append_merged(std::string_view bytes, BpeState& state, std::vector<std::uint32_t>& ids,
                        std::vector<Span>* spans) const {
    if (knows_all_bytes_ || tables_.unk_id != kNoId) {
        return append_symbols(bytes, state, ids, spans);
    }
    std::string known;
    std::vector<std::size_t> place;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (tables_.external[static_cast<unsigned char>(bytes[i])] == kNoId) continue;
        known += bytes[i];
        place.push_back(i);
    }
    std::size_t const before = spans == nullptr ? 0 : spans->size();
    if (!known.empty()) append_symbols(known, state, ids, spans);
    if (spans == nullptr) return;
    for (std::size_t i = before; i < spans->size(); ++i) {
        Span& span = (*spans)[i];
        span = {place[span.begin], place[span.end - 1] + 1};
    }
}

// Merges, and makes ids of the symbols. A byte that the vocabulary lacks becomes the unknown token,
// neighbours fused if the model says so.
void Bpe::append_symbols(std::string_view bytes, BpeState& state, std::vector<std::uint32_t>& ids,
                         std::vector<Span>* spans) const {
    Symbol few[simd::kMaxShortMerge];
    std::span<Symbol const> symbols;
    auto const* const text = reinterpret_cast<unsigned char const*>(bytes.data());
    if (!bytes.empty() && bytes.size() <= simd::kMaxShortMerge) {
        symbols = {few, merger_.merge_short(text, bytes.size(), few)};
    } else {
        state.symbols.clear();
        merger_.merge(text, bytes.size(), state.symbols);
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
