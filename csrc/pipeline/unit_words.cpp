#include "pipeline/unit_words.h"

#include <cstring>
#include <span>

#include "core/prefetch.h"
#include "models/seen_words.h"

namespace tokmill::stages {

void UnitWords::look_up(WordChunk& chunk, WordState const& state) const {
    lookup_.find(*known_, chunk);
    std::memset(chunk.counts, 1, chunk.count);
    chunk.spills.clear();
    chunk.spilled.clear();
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        std::size_t const i = chunk.pending[n];
        WordKey& key = chunk.keys[i];
        std::string_view const unit = chunk.word(i);
        // One or two of them are quicker found.
        constexpr std::size_t kFew = 8;
        bool const may_be_lone = static_cast<unsigned char>(unit[0]) >= 0xE0;
        if (may_be_lone && lone_ != nullptr && unit.size() > kFew && lone_->begin(unit)) {
            key = kNoWord;  // which is never found
            continue;
        }
        if (unit.size() > longest_) continue;  // its key is kNoWord already
        if (key == kNoWord || WordCache::looks_free(key)) key = WordCache::long_key(unit);
        prefetch(state.seen.line(hash_key(key)));
    }
}

void UnitWords::resolve(WordChunk& chunk, WordState& state) const {
    take_seen(chunk, state.seen, *known_);
    for (std::size_t n = 0; n < chunk.pending_count; ++n) {
        resolve_rest(chunk.pending[n], chunk, state);
    }
}

void UnitWords::resolve_rest(std::size_t i, WordChunk& chunk, WordState& state) const {
    WordKey const key = chunk.keys[i];
    std::string_view const unit = chunk.word(i);
    std::uint64_t const hash = hash_key(key);
    // Again, since the same unit may have come before in this chunk.
    if (put_seen(i, chunk, state.seen)) return;
    if (std::uint32_t const id = known_->second_line(hash).find(key); id != kNoId) {
        state.seen.insert(key, hash, unit, {&id, 1});
        return chunk.put(i, {&id, 1});
    }
    state.ids.clear();
    encode_unit(unit, state.ids);
    if (key != kNoWord) state.seen.insert(key, hash, unit, state.ids);
    chunk.put(i, state.ids);
}

}  // namespace tokmill::stages
