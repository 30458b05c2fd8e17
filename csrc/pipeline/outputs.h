// Where encoded words go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/id_buffer.h"
#include "models/word_state.h"

namespace tokmill {

// Collects the ids.
class IdOutput {
 public:
    explicit IdOutput(IdBuffer& ids) : ids_(&ids) {}
    static constexpr bool full() noexcept { return false; }
    IdBuffer& buffer() const noexcept { return *ids_; }
    void id(std::uint32_t id) { ids_->push(id); }
    void words(WordChunk const& chunk) {
        std::size_t const room = chunk.count * WordChunk::kPlaces + chunk.spilled.size();
        std::uint32_t* const place = ids_->reserve(room + chunk.between.size());
        ids_->commit(chunk.write(place, ids_->size()));
    }
    template <class Words>
    void word(Words const& words, std::string_view word, WordState& state) {
        state.ids.clear();
        words.encode_word(word, state, state.ids, nullptr);
        for (std::uint32_t const id : state.ids) ids_->push(id);
    }

 private:
    IdBuffer* ids_;
};

// Counts them, and says so when there are more than a limit.
class CountOutput {
 public:
    explicit CountOutput(std::size_t limit = static_cast<std::size_t>(-1)) : limit_(limit) {}
    std::size_t count() const noexcept { return count_; }
    bool full() const noexcept { return count_ > limit_; }
    void add(std::size_t count) noexcept { count_ += count; }
    void id(std::uint32_t) noexcept { ++count_; }
    void words(WordChunk const& chunk) { count_ += chunk.id_count(); }
    template <class Words>
    void word(Words const& words, std::string_view word, WordState& state) {
        state.ids.clear();
        words.encode_word(word, state, state.ids, nullptr);
        count_ += state.ids.size();
    }

 private:
    std::size_t count_ = 0;
    std::size_t limit_;
};

}  // namespace tokmill
