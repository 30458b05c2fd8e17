// Units on their way to ids, in the three stations that ChunkPipeline drives: what a thread has
// seen before comes out of its cache, the rest goes through the stages.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/word_state.h"
#include "models/word_table.h"
#include "pipeline/unit_cutter.h"
#include "simd/word_lookup.h"

namespace tokmill::stages {

class UnitWords {
 public:
    // Longer units that begin with a character of `lone`, if there is any, are quicker made again
    // than remembered.
    explicit UnitWords(std::shared_ptr<LoneCharacters const> lone = nullptr)
        : lone_(std::move(lone)), lookup_(simd::word_lookup(simd::active_isa())) {}
    virtual ~UnitWords() = default;

    void prepare(WordChunk& chunk) const { lookup_.prepare(*known_, chunk); }
    void look_up(WordChunk& chunk, WordState const& state) const;
    void resolve(WordChunk& chunk, WordState& state) const;

    // Past the cache: appends the ids of a unit. `unused` is there for the byte-level model, which
    // tells spans.
    void encode_word(std::string_view unit, WordState&, std::vector<std::uint32_t>& ids,
                     std::nullptr_t) const {
        encode_unit(unit, ids);
    }
    virtual void encode_unit(std::string_view unit, std::vector<std::uint32_t>& ids) const = 0;
    // A unit that comes from elsewhere; the ids are valid until the next call.
    std::span<std::uint32_t const> encode_alone(std::string_view unit, WordState& state) const {
        state.ids.clear();
        encode_unit(unit, state.ids);
        return state.ids;
    }

 protected:
    // Units with one id each, known beforehand; the table must stay.
    void know(WordTable const& table) noexcept { known_ = &table; }
    // Longer units than this, which is not less than a key holds, are not worth remembering.
    void remember_up_to(std::size_t size) noexcept { longest_ = size; }

 private:
    void resolve_rest(std::size_t i, WordChunk& chunk, WordState& state) const;

    std::shared_ptr<LoneCharacters const> lone_;
    simd::WordLookup lookup_;
    WordTable const nothing_;
    WordTable const* known_ = &nothing_;
    std::size_t longest_ = static_cast<std::size_t>(-1);
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
