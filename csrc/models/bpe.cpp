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

// The ids of one chunk of words before they are written out: four places a word, and a side array
// for the words that need more.
struct Bpe::Resolved {
    struct Spill {
        std::uint32_t word, begin, count;
    };
    explicit Resolved(std::vector<std::uint32_t>& spill_buffer) : spilled(spill_buffer) {
        spilled.clear();
    }

    alignas(64) std::uint32_t ids[kChunk][kInlineIds];
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
    if (CachedWord const* const known = state.short_words.find(key, hash)) {
        if (known->has_many_ids()) return resolve_long(word, i, state, resolved);
        std::memcpy(resolved.ids[i], known->ids, sizeof known->ids);
        resolved.counts[i] = static_cast<std::uint8_t>(known->count());
        return;
    }
    state.ids.clear();
    append_merged(word, state, state.ids, nullptr);
    if (state.ids.size() > kInlineIds) {
        state.short_words.insert_many_ids(key, hash);
        return resolve_long(word, i, state, resolved);
    }
    std::copy(state.ids.begin(), state.ids.end(), resolved.ids[i]);
    resolved.counts[i] = static_cast<std::uint8_t>(state.ids.size());
    state.short_words.insert(key, hash, state.ids);
}

void Bpe::resolve_long(std::string_view word, std::size_t i, BpeState& state,
                       Resolved& resolved) const {
    auto const* const text = reinterpret_cast<unsigned char const*>(word.data());
    std::uint64_t const hash = hash_bytes(text, word.size());
    auto const known = state.long_words.find(text, word.size(), hash);
    if (known.data() != nullptr) return resolved.spill(i, known);
    state.ids.clear();
    encode_word(word, state, state.ids, nullptr);
    state.long_words.insert(text, word.size(), hash, state.ids);
    resolved.spill(i, state.ids);
}

void Bpe::encode(WordSpans const& words, BpeState& state, IdBuffer& ids) const {
    Resolved resolved(state.spilled);
    resolve(words, state, resolved);
    std::uint32_t* out = ids.reserve(words.count * kInlineIds + resolved.spilled.size());
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

// Symbols become ids. A byte that the vocabulary lacks becomes the unknown token, neighbours fused
// if the model says so, or nothing if there is none: as tokenizers does.
void Bpe::append_merged(std::string_view bytes, BpeState& state, std::vector<std::uint32_t>& ids,
                        std::vector<Span>* spans) const {
    state.symbols.clear();
    merger_.merge(reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(),
                  state.symbols);
    std::size_t at = 0;
    bool fusing = false;
    for (Symbol const& symbol : state.symbols) {
        Span const span{at, at + symbol.size};
        at = span.end;
        std::uint32_t id = tables_.external[symbol.id];
        bool const unknown = id == kNoId;
        if (unknown) {
            if (tables_.unk_id == kNoId) continue;
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
