// From normalized text to ids, part by part, with the parts that were seen before remembered.
// Exactly the ids of the model for the whole text; docs of the proof are beside the code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/word_cache.h"
#include "sentencepiece/bpe.h"
#include "sentencepiece/cut_finder.h"
#include "sentencepiece/normalizer.h"
#include "sentencepiece/state_pool.h"
#include "sentencepiece/unigram.h"
#include "sentencepiece/vocabulary.h"

namespace tokmill::sentencepiece {

class PartEncoder {
 public:
    // One of the models is nullptr. All must outlive the encoder.
    PartEncoder(Vocabulary const& vocabulary, bool byte_fallback, Normalizer const& normalizer,
                BpeModel const* bpe, UnigramModel const* unigram);

    // Appends the ids of a text.
    void encode(std::string_view text, std::vector<std::uint32_t>& ids) const;

    void set_cache_budget(std::size_t bytes) const noexcept { states_.set_budget(bytes); }

 private:
    struct State {
        explicit State(std::size_t budget) : cache(budget) {}

        WordCache cache;
        std::string normalized;  // with kPadding bytes behind it
        BpeModel::Part part;
        Segments segments;
        std::vector<std::uint32_t> part_ids;
        std::vector<UnigramModel::Node> nodes;
        UnigramModel::Margin margin;
    };
    // Ids in the order of the text, in which unknown characters in a row are one.
    struct Output {
        std::vector<std::uint32_t>& ids;
        bool after_unknown = false;
    };
    // What lies behind a normalized text, so that keys can be loaded in one go.
    static constexpr std::size_t kPadding = 16;

    bool encode_bpe(State& state, std::string_view text, Output& out) const;
    bool encode_bpe_part(State& state, std::string_view part, Output& out) const;
    void encode_unigram(State& state, std::string_view text, Output& out) const;
    void encode_unigram_part(State& state, std::string_view part, float& sum, Output& out) const;
    bool is_safe(std::size_t size, std::uint32_t margin, float sum) const noexcept;
    void expand(std::string_view part, Segments const& segments,
                std::vector<std::uint32_t>& ids) const;
    void put(std::uint32_t const* ids, std::size_t count, Output& out) const;

    Vocabulary const& vocabulary_;
    bool byte_fallback_;
    Normalizer const& normalizer_;
    BpeModel const* bpe_;
    UnigramModel const* unigram_;
    CutFinder cuts_;
    bool caches_;
    bool has_unused_ = false;
    float slack_ = 0;  // no remembered part changes the sum of scores by more
    mutable StatePool<State> states_;
};

}  // namespace tokmill::sentencepiece
