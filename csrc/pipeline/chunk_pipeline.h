// Sends chunks of words through the model, two at a time: while one waits for the memory that it
// asked for, the other one is at work. Ids come out in the order of the words.
#pragma once

#include <string_view>

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
        waiting_ = false;
    }

 private:
    Words const* words_;
    WordState* state_;
    Output* out_;
    unsigned filling_ = 0;
    bool waiting_ = false;
};

}  // namespace tokmill
