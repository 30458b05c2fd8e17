// A tokenizer of any family: the general pipeline behind the common interface, with units of text
// that a thread has seen before taken from its cache.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/lazy.h"
#include "pipeline/encoding_tokenizer.h"
#include "pipeline/general_pipeline.h"
#include "pipeline/unit_plan.h"

namespace tokmill {

class GeneralTokenizer final : public EncodingTokenizer<GeneralTokenizer> {
 public:
    // `source`: the tokenizer.json that the pipeline was read from; `format`: for describe().
    GeneralTokenizer(stages::GeneralPipeline pipeline, std::string source,
                     std::string format = "tokenizer.json");

    stages::GeneralPipeline const& pipeline() const noexcept { return pipeline_; }

    Definition const& head() const noexcept override { return head_; }
    std::string snapshot() const override;
    std::string compact_snapshot() const override;
    std::string portable_form() const override { return source_; }
    std::string tokenizer_json() const override { return source_; }

    void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                             IdBuffer& ids, std::vector<std::int64_t>& spans) const override;
    void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const override;
    void decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                std::string& out) const override;
    bool decodes_by_concatenation() const noexcept override { return false; }
    std::unique_ptr<TextStream> stream(bool skip_special_tokens) const override;
    TokenTable const& tokens() const override;
    std::string token_name(std::uint32_t id) const override;
    std::optional<std::uint32_t> find_name(std::string_view name) const override;
    std::optional<std::uint32_t> find_token(std::string_view bytes) const override;
    std::string const& digest() const override;
    std::vector<std::pair<std::string, std::string>> describe() const override;
    void set_cache_budget(std::size_t bytes) const noexcept override { states.set_budget(bytes); }

    template <class Output>
    void encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                   Output& out) const;

 private:
    using Filter = AddedTokenMatcher::Filter;

    // A filter by ids, which stand in `allowed`.
    Filter filter_of(EncodeOptions const& options, std::vector<std::uint32_t>& allowed) const;
    // Null: the id is of no added token, or it is not special.
    AddedToken const* special_token(std::uint32_t id) const;
    void refuse_special(std::string_view text, EncodeState& state) const;
    bool may_hold_normalized_tokens(std::string_view segment, Filter const& filter,
                                    EncodeState& state) const;
    template <class Output>
    void encode_text(std::string_view utf8, Filter const& filter, EncodeState& state,
                     Output& out) const;
    template <class Output>
    void encode_segment(std::string_view segment, bool at_start, Filter const& filter,
                        EncodeState& state, Output& out) const;
    // Normalized as a whole; what the pre-tokenizer leaves comes out of the cache.
    // `original_start` as in PlainPieces.
    template <class Output>
    void encode_pieces(std::string_view segment, std::size_t original_start, Filter const& filter,
                       EncodeState& state, Output& out) const;
    // By units, or by runs of them. `cutter` says where they begin.
    template <class Words, class Cutter, class Output>
    void encode_parts(Words const& words, Cutter const& cutter, std::string_view segment,
                      bool at_start, EncodeState& state, Output& out) const;
    // The post-processor does something else than putting special tokens around a text, once.
    bool does_more_than_surround() const noexcept;
    stages::Encoding post_processed(std::string_view text, stages::OffsetUnit unit,
                                    Filter const& filter) const;
    TokenTable make_token_table() const;

    stages::GeneralPipeline pipeline_;
    std::string source_;
    Definition head_;
    // What comes out depends on the alignments (Normalizer::may_insert_before).
    bool needs_alignments_ = false;
    // Texts are cut into units before they are normalized, if there is a plan; otherwise what the
    // pre-tokenizer leaves is remembered, unless the model is random.
    std::unique_ptr<stages::UnitPlan const> plan_;
    std::unique_ptr<stages::ModelWords const> pieces_;
    // Added tokens that are looked for in normalized text: any at all, and the parts of them that
    // also stand in the text itself if only spaces are changed.
    bool has_normalized_tokens_ = false;
    bool changes_only_spaces_ = false;
    AddedTokenMatcher cores_;
    Lazy<TokenTable> tokens_;
    Lazy<std::string> digest_;
};

}  // namespace tokmill
