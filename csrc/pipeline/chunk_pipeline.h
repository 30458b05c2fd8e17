// Sends chunks of words through the model, two at a time: while one waits for the memory that it
// asked for, the other one is at work. Ids come out in the order of the words.
#pragma once

#include <string_view>

#include "models/bpe.h"

namespace tokmill {

template <class Output>
class ChunkPipeline {
 public:
    ChunkPipeline(Bpe const& bpe, BpeState& state, Output& out)
        : bpe_(&bpe), state_(&state), out_(&out) {}

    // The chunk to be filled next.
    WordChunk& chunk() noexcept { return state_->chunks[filling_]; }

    // `chunk()` has been filled.
    void push() {
        WordChunk& filled = chunk();
        bpe_->prepare(filled);
        finish();
        bpe_->look_up(filled, *state_);
        waiting_ = true;
        filling_ ^= 1;
    }
    // A word too long for a chunk.
    void push_word(std::string_view word) {
        finish();
        out_->word(*bpe_, word, *state_);
    }
    // Puts out what is still on its way.
    void finish() {
        if (!waiting_) return;
        WordChunk& waiting = state_->chunks[filling_ ^ 1];
        bpe_->resolve(waiting, *state_);
        out_->words(waiting);
        waiting_ = false;
    }

 private:
    Bpe const* bpe_;
    BpeState* state_;
    Output* out_;
    unsigned filling_ = 0;
    bool waiting_ = false;
};

}  // namespace tokmill
