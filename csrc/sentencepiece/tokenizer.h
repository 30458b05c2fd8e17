// A SentencePiece model behind the common interface.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/lazy.h"
#include "pipeline/encoding_tokenizer.h"
#include "sentencepiece/processor.h"

namespace tokmill::sentencepiece {

// Encodes as SentencePieceProcessor does: nothing is put around a text, and what a control symbol
// is called is ordinary text, unless the call allows it by name.
class Tokenizer final : public EncodingTokenizer<Tokenizer> {
 public:
    // Throws invalid_tokenizer.
    explicit Tokenizer(std::string_view model_proto);

    Definition const& head() const noexcept override { return head_; }
    std::string snapshot() const override;
    std::string compact_snapshot() const override { return snapshot(); }
    std::string portable_form() const override { return processor_->serialized_model(); }
    std::string tokenizer_json() const override;
    void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                             IdBuffer& ids, std::vector<std::int64_t>& spans) const override;
    void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const override;
    void decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                std::string& out) const override;
    bool decodes_by_concatenation() const noexcept override { return false; }
    std::unique_ptr<TextStream> stream(bool skip_special_tokens) const override;
    TokenTable const& tokens() const override { return tokens_; }
    std::string token_name(std::uint32_t id) const override;
    std::optional<std::uint32_t> find_name(std::string_view name) const override;
    std::optional<std::uint32_t> find_token(std::string_view bytes) const override;
    std::string const& digest() const override;
    std::vector<std::pair<std::string, std::string>> describe() const override;
    void set_cache_budget(std::size_t bytes) const noexcept override {
        processor_->set_cache_budget(bytes);
    }

    template <class Output>
    void encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                   Output& out) const;

 private:
    // Valid UTF-8, without control symbols if the call says so.
    std::string_view checked(TextRef text, EncodeOptions const& options, EncodeState& state) const;
    // The control symbols that the call allows; in state.matches.
    void find_allowed(std::string_view text, EncodeOptions const& options,
                      EncodeState& state) const;

    std::shared_ptr<Processor const> processor_;
    Definition head_;
    TokenTable tokens_;
    AddedTokenMatcher controls_;
    Lazy<std::string> digest_;
};

}  // namespace tokmill::sentencepiece
