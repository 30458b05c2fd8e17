// Feeds byte-level BPE with the words of one text after the other, and with ids that belong between
// them, in their order: short parts share chunks, so that each of them costs little more than its
// words.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/chunk_pipeline.h"
#include "pipeline/outputs.h"
#include "pipeline/remembered_runs.h"
#include "pretokenizers/text_runs.h"

namespace tokmill {

template <class Output>
class WordFeed {
 public:
    // `readable_end`: up to there the memory behind texts can be read; null: up to their own ends.
    WordFeed(ByteLevelTokenizer const& tokenizer, EncodeState& state, Output& out,
             char const* readable_end = nullptr)
        : tokenizer_(tokenizer),
          state_(state),
          out_(out),
          readable_end_(reinterpret_cast<unsigned char const*>(readable_end)),
          pipeline_(tokenizer.bpe, state.words, out) {
        // An exception may have left something.
        for (WordChunk& chunk : state.words.chunks) chunk.clear();
    }

    bool full() const { return out_.full(); }
    Output& out() const noexcept { return out_; }

    // From now on the texts are remembered in runs of some hundred bytes. This pays for texts that
    // come again as a whole.
    void remember_runs() noexcept { remembers_ = tokenizer_.scan != nullptr; }

    // Text without added tokens. It must stay until drain().
    void text(std::string_view text) {
        if (remembers_) {
            return RememberedRuns(state_.words.runs(), *this, &find_cut_of_words).encode(text);
        }
        if (tokenizer_.scan != nullptr) return scan(text);
        drain();
        tokenizer_.pre_tokenization.run(text, false, state_.pieces);
        push_pieces(state_.pieces.text, state_.pieces.spans, pipeline_, out_);
        pipeline_.finish();
    }
    void id(std::uint32_t id) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            place().push(id);
        } else {
            out_.id(id);
        }
    }
    // Where the ids that come next go; until text comes.
    IdBuffer& place() {
        if (is_drained_) return out_.buffer();
        IdBuffer& between = pipeline_.chunk().between;
        if (between.size() <= kMostBetween) return between;
        drain();
        return out_.buffer();
    }
    // Puts out all that is on its way; returns where all ids are, or null if they are only counted.
    std::uint32_t const* drain() {
        if (!is_drained_) {
            push();
            pipeline_.finish();
            is_drained_ = true;
        }
        if constexpr (std::is_same_v<Output, IdOutput>) return out_.buffer().data();
        return nullptr;
    }

    // What RememberedRuns asks for.
    void put(std::span<std::uint32_t const> ids) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            IdBuffer& to = place();
            to.commit(std::copy(ids.begin(), ids.end(), to.reserve(ids.size())));
        } else {
            out_.add(ids.size());
        }
    }
    void encode_run(std::string_view run) { scan(run); }
    void note_place(std::size_t& place) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            if (is_drained_) {
                place = out_.buffer().size();
            } else {
                pipeline_.chunk().note_place(place);
            }
        }
    }

 private:
    static constexpr std::size_t kWindow = 64;  // room that a scanner asks for
    static constexpr std::size_t kMostBetween = 4096;
    static constexpr std::ptrdiff_t kFar = std::ptrdiff_t{1} << 29;

    void push() {
        pipeline_.chunk().note_between();
        pipeline_.push();
    }
    bool has_room(WordChunk const& chunk, unsigned char const* at) const noexcept {
        return chunk.count <= WordChunk::kWords - kWindow && at >= chunk.base &&
               at - chunk.base < kFar;
    }
    void scan(std::string_view text) {
        auto const* cursor = reinterpret_cast<unsigned char const*>(text.data());
        unsigned char const* const end = cursor + text.size();
        while (cursor < end && !out_.full()) {
            is_drained_ = false;
            if (pipeline_.chunk().count != 0 && !has_room(pipeline_.chunk(), cursor)) push();
            WordChunk& chunk = pipeline_.chunk();
            if (chunk.count == 0) chunk.base = cursor;
            chunk.readable_end = readable_end_ != nullptr ? readable_end_ : end;
            chunk.ends = chunk.own_ends;
            chunk.note_between();
            std::size_t const before = chunk.count;
            std::uint32_t* const begins = chunk.begins + before;
            std::size_t const count =
                tokenizer_.scan(*tokenizer_.words, chunk.base, cursor, end, chunk.readable_end,
                                begins, WordChunk::kWords - before);
            auto const scanned = static_cast<std::size_t>(cursor - chunk.base);
            begins[count] = static_cast<std::uint32_t>(scanned);
            std::memcpy(chunk.own_ends + before, begins + 1, count * sizeof *begins);
            chunk.count += count;
            if (scanned > UINT32_MAX) push_last_alone(chunk, cursor);
        }
    }
    // The last word ends beyond 32 bits: its begin is the end of the one before.
    void push_last_alone(WordChunk& chunk, unsigned char const* end) {
        unsigned char const* const begin = chunk.base + chunk.begins[--chunk.count];
        drain();
        pipeline_.push_word(
            {reinterpret_cast<char const*>(begin), static_cast<std::size_t>(end - begin)});
    }

    ByteLevelTokenizer const& tokenizer_;
    EncodeState& state_;
    Output& out_;
    unsigned char const* readable_end_;
    ChunkPipeline<Bpe, Output> pipeline_;
    bool is_drained_ = true;
    bool remembers_ = false;
};

}  // namespace tokmill
