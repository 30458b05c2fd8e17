// The tokenizer behind the drop-in's Tokenizer: a general pipeline that is changed by putting
// another one in its place, so that whoever encodes meanwhile goes on with the one it began with.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "bindings/compat_encoding.h"
#include "core/lazy.h"
#include "pipeline/general_pipeline.h"
#include "pipeline/tokenizer.h"

namespace tokmill::bindings {

// A pipeline that nobody changes any more, and what is derived from it.
class PipelineSnapshot {
 public:
    PipelineSnapshot(stages::GeneralPipeline pipeline, bool is_repeatable)
        : general(std::move(pipeline)), repeatable(is_repeatable) {}

    // What encodings of single texts have in common: everything but the ids. Nothing if such an
    // encoding is more than the ids of the text with others around, or if encoding the text once
    // more could give something else.
    std::optional<EncodedTexts> prepare(std::shared_ptr<PipelineSnapshot const> const& self,
                                        bool add_special_tokens, stages::OffsetUnit unit) const;

    // Makes what the stages make when they are first used, while all other threads that want to
    // encode wait: each of them would make it for itself. To be called without the interpreter
    // lock.
    bool is_warm() const noexcept { return warm_.load(std::memory_order_acquire); }
    void warm_up() const noexcept;

    stages::GeneralPipeline const general;
    bool const repeatable;  // no component is written in Python

    // For ids alone; made when first asked for, or that of an earlier snapshot whose ids are the
    // same.
    Tokenizer const& fast() const { return fast_->get(general); }
    // Takes over what still holds from the snapshot that this one was changed from.
    void inherit(PipelineSnapshot const& old);

 private:
    struct FrameOrNone {
        std::optional<Frame> frame;
    };
    FrameOrNone const& frame(bool add_special_tokens) const;

    // A tokenizer for ids, shared by all snapshots that it fits.
    class FastIds {
     public:
        explicit FastIds(std::shared_ptr<FastIds const> earlier = nullptr)
            : earlier_(std::move(earlier)) {}
        Tokenizer const& get(stages::GeneralPipeline const& pipeline) const;

     private:
        std::shared_ptr<FastIds const> earlier_;  // of the same model
        Lazy<std::shared_ptr<Tokenizer const>> tokenizer_;
    };

    Lazy<FrameOrNone> frames_[2];  // without and with special tokens
    // The process in which a thread warms up, so that a child that was forked meanwhile does not
    // wait for a thread that it does not have.
    mutable std::atomic<long> warming_{0};
    mutable std::atomic<bool> warm_{false};
    std::shared_ptr<FastIds const> fast_ = std::make_shared<FastIds const>();
};

class PipelineObject {
 public:
    explicit PipelineObject(stages::GeneralPipeline pipeline)
        : snapshot_(std::make_shared<PipelineSnapshot>(std::move(pipeline), true)) {}

    std::shared_ptr<PipelineSnapshot const> get() const {
        std::lock_guard<std::mutex> const guard(mutex_);
        return snapshot_;
    }
    // `change` gets a copy; it runs again if another thread was faster.
    template <class Change>
    void update(Change&& change) {
        change_snapshot([&](PipelineSnapshot const& old) {
            stages::GeneralPipeline pipeline = old.general;
            change(pipeline);
            auto changed = std::make_shared<PipelineSnapshot>(std::move(pipeline), old.repeatable);
            changed->inherit(old);
            return changed;
        });
    }
    void set_repeatable(bool repeatable) {
        if (get()->repeatable == repeatable) return;
        change_snapshot([&](PipelineSnapshot const& old) {
            auto changed = std::make_shared<PipelineSnapshot>(old.general, repeatable);
            changed->inherit(old);
            return changed;
        });
    }

 private:
    template <class Make>
    void change_snapshot(Make&& make) {
        for (;;) {
            auto const old = get();
            std::shared_ptr<PipelineSnapshot const> changed = make(*old);
            std::lock_guard<std::mutex> const guard(mutex_);
            if (snapshot_ != old) continue;
            snapshot_ = std::move(changed);
            return;
        }
    }

    mutable std::mutex mutex_;  // never held while anything else runs
    std::shared_ptr<PipelineSnapshot const> snapshot_;
};

// compat_encode.cpp: what Tokenizer.encode and its like do.
std::unique_ptr<LazyEncoding> encode_one(PipelineObject const& self, py::object const& sequence,
                                         py::object const& pair, py::object const& is_pretokenized,
                                         py::object const& add_special_tokens);
py::list encode_many(PipelineObject const& self, py::object const& inputs,
                     py::object const& is_pretokenized, py::object const& add_special_tokens,
                     bool with_offsets);

// How many threads the environment allows (TOKENIZERS_PARALLELISM, RAYON_NUM_THREADS).
unsigned allowed_threads();

}  // namespace tokmill::bindings
