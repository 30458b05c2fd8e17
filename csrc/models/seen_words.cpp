#include "models/seen_words.h"

#include <cstdint>

#include "core/prefetch.h"

namespace tokmill {

void take_seen(WordChunk& chunk, WordCache const& seen, WordTable const& known) {
    std::size_t rest = 0;
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        std::size_t const i = chunk.pending[n];
        std::uint64_t const hash = hash_key(chunk.keys[i]);
        CachedWord const* const found = seen.find(chunk.keys[i], hash);
        if (found != nullptr && found->is_packed()) {
            chunk.counts[i] = static_cast<std::uint8_t>(found->unpack(chunk.ids[i]));
            continue;
        }
        chunk.pending[rest++] = static_cast<std::uint16_t>(i);
        if (found != nullptr) {
            prefetch(seen.record(*found));
        } else {
            prefetch(&known.second_line(hash));
        }
    }
    chunk.pending_count = rest;
}

bool put_seen(std::size_t i, WordChunk& chunk, WordCache const& seen) {
    WordKey const key = chunk.keys[i];
    CachedWord const* const found = seen.find(key, hash_key(key));
    if (found == nullptr) return false;
    if (found->is_packed()) {
        chunk.counts[i] = static_cast<std::uint8_t>(found->unpack(chunk.ids[i]));
        return true;
    }
    auto const ids = seen.ids_of(*found, chunk.word(i));
    if (ids.data() == nullptr) return false;
    chunk.put(i, ids);
    return true;
}

}  // namespace tokmill
