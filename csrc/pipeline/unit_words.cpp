#include "pipeline/unit_words.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/prefetch.h"

namespace tokmill::stages {
namespace {

WordKey key_of(std::string_view unit, unsigned char const* readable_end) {
    auto const* const text = reinterpret_cast<unsigned char const*>(unit.data());
    auto const readable = static_cast<std::size_t>(readable_end - text);
    WordKey const key = readable >= kMaxKeyBytes ? make_key_unchecked(text, unit.size())
                                                 : make_key(text, unit.size());
    bool const is_short = unit.size() <= kMaxKeyBytes && !WordCache::looks_free(key);
    return is_short ? key : WordCache::long_key(unit);
}

}  // namespace

void UnitWords::look_up(WordChunk& chunk, WordState const& state) const {
    for (std::size_t i = 0; i < chunk.count; ++i) {
        chunk.keys[i] = key_of(chunk.word(i), chunk.readable_end);
        prefetch(state.seen.line(hash_key(chunk.keys[i])));
        // One or two of them are quicker found.
        constexpr std::size_t kFew = 8;
        bool const may_be_lone = (chunk.keys[i].low & 0xFF) >= 0xE0;
        if (may_be_lone && lone_ != nullptr && chunk.word(i).size() > kFew &&
            lone_->begin(chunk.word(i))) {
            chunk.keys[i] = kNoWord;  // which is never found
        }
    }
    chunk.spills.clear();
    chunk.spilled.clear();
}

void UnitWords::resolve(WordChunk& chunk, WordState& state) const {
    for (std::size_t i = 0; i < chunk.count; ++i) {
        WordKey const key = chunk.keys[i];
        std::uint64_t const hash = hash_key(key);
        CachedWord const* const known = state.seen.find(key, hash);
        if (known != nullptr && known->is_packed()) [[likely]] {
            chunk.counts[i] = static_cast<std::uint8_t>(known->unpack(chunk.ids[i]));
            continue;
        }
        std::string_view const unit = chunk.word(i);
        if (known != nullptr) {
            auto const ids = state.seen.ids_of(*known, unit);
            if (ids.data() != nullptr) {
                chunk.put(i, ids);
                continue;
            }
        }
        state.ids.clear();
        encode_unit(unit, state.ids);
        if (key != kNoWord) state.seen.insert(key, hash, unit, state.ids);
        chunk.put(i, state.ids);
    }
}

}  // namespace tokmill::stages
