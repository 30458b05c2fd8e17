#include "models/bpe.h"

#include <algorithm>
#include <cstring>

namespace tokmill {
namespace {

// A short word whose ids do not fit an entry: they are in the long cache.
constexpr std::uint32_t kSpilled = 15;

TOKMILL_INLINE void prefetch(void const* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#else
    (void)p;
#endif
}

}  // namespace

// The ids of one chunk of words before they are written out: four places a word, and a side array
// for the words that need more.
struct Bpe::Resolved {
    struct Spill {
        std::uint32_t word, begin, count;
    };
    alignas(64) std::uint32_t ids[kChunk][kInlineIds];
    WordKey keys[kChunk];
    std::uint64_t hashes[kChunk];
    std::uint8_t counts[kChunk];
    std::uint16_t pending[kChunk];  // words that the first line of the word table did not answer
    std::size_t pending_count = 0;
    Spill spills[kChunk];  // in the order of the words
    std::size_t spill_count = 0;
    std::vector<std::uint32_t> spilled;

    void store(std::size_t i, WordEntry const& entry) {
        std::memcpy(ids[i], entry.ids, sizeof entry.ids);
        counts[i] = static_cast<std::uint8_t>(entry.count());
    }
    void spill(std::size_t i, std::span<std::uint32_t const> values) {
        counts[i] = 0;
        spills[spill_count++] = {static_cast<std::uint32_t>(i),
                                 static_cast<std::uint32_t>(spilled.size()),
                                 static_cast<std::uint32_t>(values.size())};
        spilled.insert(spilled.end(), values.begin(), values.end());
    }
};

// Two loops over the chunk, the first without and the second with access to the table, so that the
// cache misses of many words are under way at once; neither branches on what the words are.
void Bpe::resolve(WordSpans const& words, BpeState& state, Resolved& resolved) const {
    WordTable const& table = tables_.words;
    for (std::size_t i = 0; i < words.count; ++i) {
        unsigned char const* const text = words.base + words.begins[i];
        std::size_t const size = words.ends[i] - words.begins[i];
        WordKey const key =
            words.readable_end - text >= 16 ? make_key_unchecked(text, size) : make_key(text, size);
        std::uint64_t const hash = hash_key(key);
        resolved.keys[i] = key;
        resolved.hashes[i] = hash;
        prefetch(table.first_line(hash));
    }
    std::size_t pending = 0;
    for (std::size_t i = 0; i < words.count; ++i) {
        WordEntry const* const line = table.first_line(resolved.hashes[i]);
        bool const first = line[0].holds(resolved.keys[i]);
        bool const second = line[1].holds(resolved.keys[i]);
        resolved.store(i, line[first ? 0 : 1]);
        resolved.pending[pending] = static_cast<std::uint16_t>(i);
        pending += !(first | second);
    }
    resolved.pending_count = pending;
    if (pending != 0) resolve_rest(words, state, resolved);
}

void Bpe::resolve_rest(WordSpans const& words, BpeState& state, Resolved& resolved) const {
    for (std::size_t n = 0; n < resolved.pending_count; ++n) {
        std::uint64_t const hash = resolved.hashes[resolved.pending[n]];
        prefetch(tables_.words.second_line(hash));
        prefetch(state.short_words.line(hash));
    }
    for (std::size_t n = 0; n < resolved.pending_count; ++n) {
        std::size_t const i = resolved.pending[n];
        WordKey const key = resolved.keys[i];
        std::uint64_t const hash = resolved.hashes[i];
        unsigned char const* const text = words.base + words.begins[i];
        std::size_t const size = words.ends[i] - words.begins[i];
        bool const is_short = size <= kMaxKeyBytes;
        bool spilled = !is_short;
        if (is_short) {
            WordEntry const* const line = tables_.words.second_line(hash);
            WordEntry const* const entry = line[0].holds(key)   ? line
                                           : line[1].holds(key) ? line + 1
                                                                : state.short_words.find(key, hash);
            if (entry != nullptr) {
                spilled = entry->count() == kSpilled;
                if (!spilled) {
                    resolved.store(i, *entry);
                    continue;
                }
            }
        }
        std::uint64_t long_hash = 0;
        if (spilled) {
            long_hash = hash_bytes(text, size);
            auto const known = state.long_words.find(text, size, long_hash);
            if (known.data() != nullptr) {
                resolved.spill(i, known);
                continue;
            }
        }
        state.ids.clear();
        std::string_view const word(reinterpret_cast<char const*>(text), size);
        if (is_short) {
            append_merged(word, state, state.ids, nullptr);
        } else {
            encode_word(word, state, state.ids, nullptr);
        }
        if (is_short && state.ids.size() <= kInlineIds) {
            std::copy(state.ids.begin(), state.ids.end(), resolved.ids[i]);
            resolved.counts[i] = static_cast<std::uint8_t>(state.ids.size());
            state.short_words.insert(key, hash, state.ids);
            continue;
        }
        if (is_short) {
            if (!spilled) {
                state.short_words.insert_mark(key, hash, kSpilled);
                long_hash = hash_bytes(text, size);
            }
        }
        state.long_words.insert(text, size, long_hash, state.ids);
        resolved.spill(i, state.ids);
    }
}

void Bpe::encode(WordSpans const& words, BpeState& state, IdBuffer& ids) const {
    Resolved resolved;
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
    Resolved resolved;
    resolve(words, state, resolved);
    std::size_t total = resolved.spilled.size();
    for (std::size_t i = 0; i < words.count; ++i) total += resolved.counts[i];
    return total;
}

std::uint32_t Bpe::whole_word(std::string_view word) const noexcept {
    if (word.size() > kMaxKeyBytes) return tables_.long_words.find(word);
    WordEntry const* const entry = tables_.words.find(
        make_key(reinterpret_cast<unsigned char const*>(word.data()), word.size()));
    return entry == nullptr ? kNoId : entry->ids[0];
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
