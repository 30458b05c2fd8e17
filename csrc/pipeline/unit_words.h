// Units on their way to ids, in the three stations that ChunkPipeline drives: what a thread has
// seen before comes out of its cache, the rest goes through the stages.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/word_state.h"
#include "pipeline/unit_cutter.h"

namespace tokmill::stages {

class UnitWords {
 public:
    // Longer units that begin with a character of `lone`, if there is any, are quicker made again
    // than remembered.
    explicit UnitWords(std::shared_ptr<LoneCharacters const> lone = nullptr)
        : lone_(std::move(lone)) {}
    virtual ~UnitWords() = default;

    void prepare(WordChunk&) const noexcept {}
    void look_up(WordChunk& chunk, WordState const& state) const;
    void resolve(WordChunk& chunk, WordState& state) const;

    // Past the cache: appends the ids of a unit. `unused` is there for the byte-level model, which
    // tells spans.
    void encode_word(std::string_view unit, WordState&, std::vector<std::uint32_t>& ids,
                     std::nullptr_t) const {
        encode_unit(unit, ids);
    }
    virtual void encode_unit(std::string_view unit, std::vector<std::uint32_t>& ids) const = 0;

 protected:
    LoneCharacters const& lone() const noexcept { return *lone_; }

 private:
    std::shared_ptr<LoneCharacters const> lone_;
};

// Pieces as the pre-tokenizer leaves them: only the model is behind.
class ModelWords final : public UnitWords {
 public:
    explicit ModelWords(ModelPtr model) : model_(std::move(model)) {}

    void encode_unit(std::string_view unit, std::vector<std::uint32_t>& ids) const override {
        model_->tokenize_ids(unit, ids);
    }

 private:
    ModelPtr model_;
};

}  // namespace tokmill::stages
