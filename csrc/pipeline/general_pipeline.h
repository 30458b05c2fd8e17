// A tokenizer put together from stages, as tokenizers 0.23.3 runs it: added tokens, normalizer,
// pre-tokenizer, model, truncation, post-processor, padding; and the decoder for the way back.
//
// Copies are cheap but for the added vocabulary: the stages are shared. All const functions may be
// called from many threads at once, as long as nobody changes the same object meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "decoders/decoder.h"
#include "models/model.h"
#include "normalizers/normalizer.h"
#include "pipeline/added_vocabulary.h"
#include "pipeline/encoding.h"
#include "pipeline/padding.h"
#include "pipeline/truncation.h"
#include "postprocessors/post_processor.h"
#include "pretokenizers/pre_tokenizer.h"

namespace tokmill::stages {

// A text, or the words it was cut into already. Valid UTF-8.
using InputSequence = std::variant<std::string_view, std::vector<std::string_view>>;

struct Input {
    InputSequence first;
    std::optional<InputSequence> second;
};

class GeneralPipeline {
 public:
    explicit GeneralPipeline(ModelPtr model) : model_(std::move(model)) {}

    // --- parts (null: none) --------------------------------------------------------------------

    ModelPtr const& model() const noexcept { return model_; }
    NormalizerPtr const& normalizer() const noexcept { return normalizer_; }
    PreTokenizerPtr const& pre_tokenizer() const noexcept { return pre_tokenizer_; }
    PostProcessorPtr const& post_processor() const noexcept { return post_processor_; }
    DecoderPtr const& decoder() const noexcept { return decoder_; }
    std::optional<Truncation> const& truncation() const noexcept { return truncation_; }
    std::optional<Padding> const& padding() const noexcept { return padding_; }
    AddedVocabulary const& added_vocabulary() const noexcept { return added_; }

    void set_model(ModelPtr model) { model_ = std::move(model); }
    // Added tokens that are looked for in normalized text are normalized anew, unless `renormalize`
    // says that this is the same normalizer with other attributes (tokenizers takes no notice of
    // that).
    void set_normalizer(NormalizerPtr normalizer, bool renormalize = true);
    void set_pre_tokenizer(PreTokenizerPtr stage) { pre_tokenizer_ = std::move(stage); }
    void set_post_processor(PostProcessorPtr stage);
    void set_decoder(DecoderPtr stage) { decoder_ = std::move(stage); }
    // Throws Error(invalid_input) with tokenizers' message if the stride is too large.
    void set_truncation(std::optional<Truncation> truncation);
    // The same without the check: as a file says it.
    void set_truncation_unchecked(std::optional<Truncation> truncation) {
        truncation_ = std::move(truncation);
    }
    void set_padding(std::optional<Padding> padding) { padding_ = std::move(padding); }
    void set_encode_special_tokens(bool value) { added_.set_encode_special_tokens(value); }
    // Returns how many were new.
    std::size_t add_tokens(std::vector<AddedToken> tokens) {
        return added_.add(std::move(tokens), *model_, normalizer_.get());
    }

    // --- vocabulary ----------------------------------------------------------------------------

    std::optional<std::uint32_t> token_to_id(std::string_view token) const;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const;
    std::size_t vocab_size(bool with_added_tokens) const;
    // Each text once, in no particular order. The views live as long as the vocabulary is as it is.
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary(
        bool with_added_tokens) const;

    // --- encoding ------------------------------------------------------------------------------

    Encoding encode(Input const& input, bool add_special_tokens,
                    OffsetUnit unit = OffsetUnit::characters) const;
    // Up to `threads` threads. Padding to the longest one counts the whole batch.
    std::vector<Encoding> encode_batch(std::span<Input const> inputs, bool add_special_tokens,
                                       OffsetUnit unit, unsigned threads) const;
    // Appends the ids of one text, neither cut nor padded. A lot cheaper than `encode`.
    void encode_ids(std::string_view text, bool add_special_tokens,
                    std::vector<std::uint32_t>& ids) const;
    // Truncation, special tokens and padding for encodings made before.
    Encoding post_process(Encoding first, std::optional<Encoding> second,
                          bool add_special_tokens) const;
    std::size_t num_special_tokens_to_add(bool is_pair) const {
        return post_processor_ ? post_processor_->added_tokens(is_pair) : 0;
    }

    // A text without what the post-processor adds; `filter` instead of encode_special_tokens().
    Encoding encode_text(std::string_view text, std::uint32_t type_id,
                         std::optional<std::uint32_t> word, OffsetUnit unit,
                         AddedVocabulary::Filter const& filter) const;
    // The ids of a part of a text that lies between added tokens, or is the whole; `at_start`: it
    // is where the text begins. Not for pre-tokenizers without a plain form.
    void unnormalized_ids(std::string_view text, bool at_start,
                          AddedVocabulary::Filter const& filter,
                          std::vector<std::uint32_t>& ids) const;
    // The ids of the beginning of a text, without looking for added tokens.
    void start_ids(std::string_view text, std::vector<std::uint32_t>& ids) const;
    // The same behind the normalizer and the added tokens: `original_start` as in PlainPieces.
    void piece_ids(std::string_view text, std::size_t original_start,
                   std::vector<std::uint32_t>& ids) const;
    // The ids that the post-processor puts around a single sequence, if that is all it does to ids.
    struct Surroundings {
        std::vector<std::uint32_t> prefix;
        std::vector<std::uint32_t> suffix;
    };
    // Null: it does more.
    Surroundings const* surroundings() const noexcept {
        return with_special_ ? &*with_special_ : nullptr;
    }

    // --- decoding (ids that nobody has are left out) ---------------------------------------------

    std::string decode(std::span<std::uint32_t const> ids, bool skip_special_tokens) const;
    std::vector<std::string> decode_batch(std::span<std::vector<std::uint32_t> const> rows,
                                          bool skip_special_tokens, unsigned threads) const;

 private:
    Encoding encode_sequence(InputSequence const& sequence, std::uint32_t type_id,
                             OffsetUnit unit) const;
    void text_ids(std::string_view text, AddedVocabulary::Filter const& filter,
                  std::vector<std::uint32_t>& ids) const;
    void aligned_text_ids(std::string_view text, AddedVocabulary::Filter const& filter,
                          std::vector<std::uint32_t>& ids) const;
    // `original_start`: see PlainPieces.
    void normalized_ids(std::string_view text, std::size_t original_start,
                        AddedVocabulary::Filter const& filter,
                        std::vector<std::uint32_t>& ids) const;

    static std::optional<Surroundings> surroundings_of(PostProcessor const& stage,
                                                       bool add_special_tokens);

    ModelPtr model_;
    NormalizerPtr normalizer_;
    PreTokenizerPtr pre_tokenizer_;
    PostProcessorPtr post_processor_;
    DecoderPtr decoder_;
    AddedVocabulary added_;
    std::optional<Truncation> truncation_;
    std::optional<Padding> padding_;
    std::optional<Surroundings> with_special_;  // of post_processor_
    std::optional<Surroundings> without_special_;
};

}  // namespace tokmill::stages
