// From normalized text to ids, part by part, with the parts that were seen before remembered.
// Exactly the ids of the model for the whole text; the code says why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/state_pool.h"
#include "models/word_cache.h"
#include "models/word_key.h"
#include "sentencepiece/bpe.h"
#include "sentencepiece/cut_finder.h"
#include "sentencepiece/normalizer.h"
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
    // A part and what it is remembered by.
    struct Part {
        std::string_view text;
        WordKey key;
        std::uint64_t hash;
        bool is_symbol;  // a user-defined one
    };
    // So many parts are found before the first of them is looked up, whose place in the cache is
    // on its way meanwhile.
    static constexpr std::size_t kChunk = 32;
    using Chunk = std::array<Part, kChunk>;
    // What lies behind a normalized text, so that keys can be loaded in one go.
    static constexpr std::size_t kPadding = 16;

    bool is_cached(std::string_view part) const noexcept;
    std::size_t next_part_end(std::string_view text, std::size_t begin, bool& is_symbol) const;
    std::size_t find_parts(State const& state, std::string_view text, std::size_t& begin,
                           Chunk& chunk) const;
    bool encode_bpe(State& state, std::string_view text, Output& out) const;
    bool encode_bpe_part(State& state, Part const& part, Output& out) const;
    void encode_unigram(State& state, std::string_view text, Output& out) const;
    void encode_unigram_part(State& state, Part const& part, float& sum, Output& out) const;
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
