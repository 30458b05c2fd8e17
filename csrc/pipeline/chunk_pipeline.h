// Sends chunks of words through the model, two at a time: while one waits for the memory that it
// asked for, the other one is at work. Ids come out in the order of the words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "models/word_state.h"

namespace tokmill {

// `Words` is Bpe or another class with the same three stations.
template <class Words, class Output>
class ChunkPipeline {
 public:
    ChunkPipeline(Words const& words, WordState& state, Output& out)
        : words_(&words), state_(&state), out_(&out) {}

    // The chunk to be filled next.
    WordChunk& chunk() noexcept { return state_->chunks[filling_]; }

    // `chunk()` has been filled.
    void push() {
        WordChunk& filled = chunk();
        words_->prepare(filled);
        finish();
        words_->look_up(filled, *state_);
        waiting_ = true;
        filling_ ^= 1;
    }
    // A word too long for a chunk.
    void push_word(std::string_view word) {
        finish();
        out_->word(*words_, word, *state_);
    }
    // Puts out what is still on its way.
    void finish() {
        if (!waiting_) return;
        WordChunk& waiting = state_->chunks[filling_ ^ 1];
        words_->resolve(waiting, *state_);
        out_->words(waiting);
        waiting.clear();
        waiting_ = false;
    }

 private:
    Words const* words_;
    WordState* state_;
    Output* out_;
    unsigned filling_ = 0;
    bool waiting_ = false;
};

// Sends pieces of `text` through.
template <class Words, class Output>
void push_pieces(std::string_view text, std::vector<Span> const& spans,
                 ChunkPipeline<Words, Output>& pipeline, Output const& out) {
    unsigned char const* const all = reinterpret_cast<unsigned char const*>(text.data());
    for (std::size_t i = 0; i < spans.size() && !out.full();) {
        WordChunk& chunk = pipeline.chunk();
        std::size_t const base = spans[i].begin;
        std::size_t count = 0;
        for (; i < spans.size() && count < WordChunk::kWords; ++i, ++count) {
            Span const& piece = spans[i];
            if (piece.end - base > UINT32_MAX) break;
            chunk.begins[count] = static_cast<std::uint32_t>(piece.begin - base);
            chunk.own_ends[count] = static_cast<std::uint32_t>(piece.end - base);
        }
        if (count == 0) {
            Span const& piece = spans[i++];
            pipeline.push_word(text.substr(piece.begin, piece.size()));
            continue;
        }
        chunk.base = all + base;
        chunk.readable_end = all + text.size();
        chunk.ends = chunk.own_ends;
        chunk.count = count;
        pipeline.push();
    }
}

}  // namespace tokmill
