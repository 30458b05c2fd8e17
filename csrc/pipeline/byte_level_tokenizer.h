// The byte-level BPE tokenizer: the compiled parts and the stages, shared by the files that
// implement them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/lazy.h"
#include "models/bpe.h"
#include "models/byte_string_map.h"
#include "pipeline/added_tokens.h"
#include "pipeline/encode_state.h"
#include "pipeline/encoding_tokenizer.h"
#include "pretokenizers/pre_tokenization.h"
#include "simd/word_scanner.h"

namespace tokmill {

// The definition: complete, or, behind a snapshot, read when somebody asks for the vocabulary in
// that form.
class LazyDefinition {
 public:
    explicit LazyDefinition(Definition definition) : definition_(std::move(definition)) {}
    LazyDefinition(Definition head, std::function<Definition()> read)
        : definition_(std::move(head)), read_(std::move(read)) {}

    // Everything but the model's vocabulary and merges.
    Definition const& head() const noexcept { return definition_; }
    Definition const& full() const;

 private:
    Definition definition_;
    std::function<Definition()> read_;  // empty: `definition_` is complete
    Lazy<Definition> full_;
};

template <class Output>
class WordFeed;

struct ByteLevelTokenizer final : EncodingTokenizer<ByteLevelTokenizer> {
    ByteLevelTokenizer(std::unique_ptr<LazyDefinition> source, TokenTable table,
                       std::shared_ptr<Bpe const> model);
    // The same with other added tokens.
    std::shared_ptr<ByteLevelTokenizer const> with_added_tokens(
        std::vector<AddedToken> added_tokens) const;

    // --- what Tokenizer asks for ---------------------------------------------------------------

    std::string snapshot() const override;
    std::string compact_snapshot() const override;
    std::string portable_form() const override;
    std::string tokenizer_json() const override;
    Definition const& head() const noexcept override { return definition->head(); }
    void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                             IdBuffer& ids, std::vector<std::int64_t>& spans) const override;
    void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const override;
    void decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                std::string& out) const override;
    bool decodes_by_concatenation() const noexcept override {
        return head().decoder != DecoderKind::join_space;
    }
    std::unique_ptr<TextStream> stream(bool skip_special_tokens) const override;
    TokenTable const& tokens() const override { return token_table; }
    std::string token_name(std::uint32_t id) const override;
    std::optional<std::uint32_t> find_name(std::string_view name) const override;
    std::optional<std::uint32_t> find_token(std::string_view bytes) const override;
    std::string const& digest() const override;
    std::vector<std::pair<std::string, std::string>> describe() const override;
    void set_cache_budget(std::size_t bytes) const noexcept override { states.set_budget(bytes); }

    // --- the parts -----------------------------------------------------------------------------

    // Bytes of every token, added ones included, to its id. Made when first asked for, unless a
    // snapshot has them.
    ByteStringMap const& names() const;

    std::unique_ptr<LazyDefinition> definition;
    TokenTable token_table;
    bool from_ranks = false;                           // opened from a compact snapshot
    std::unique_ptr<ByteStringMap const> ready_names;  // of a snapshot
    Lazy<ByteStringMap> made_names;
    std::shared_ptr<Bpe const> shared_bpe;
    Bpe const& bpe;
    PreTokenization pre_tokenization;
    WordStepper const* words = nullptr;  // set if scanning for words is all of the pre-tokenization
    simd::ScanWords scan = nullptr;
    AddedTokenMatcher raw_tokens;         // looked for in the text as it is
    AddedTokenMatcher normalized_tokens;  // looked for in the normalized text
    bool nfc = false;
    std::shared_ptr<void const> keep_alive;  // the memory behind a snapshot's tables

    std::string ready_digest;  // of a snapshot
    Lazy<std::string> made_digest;

    // Whether nothing but words is in the text and in each part of it: no added tokens, nothing
    // that NFC changes.
    bool is_words(std::string_view text) const;

    // The stages of encoding (encode.cpp), each with where the ids or the words go.
    template <class Output>
    void encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                   Output& out) const;
    template <class Output>
    void encode_text(std::string_view text, EncodeOptions const& options, EncodeState& state,
                     WordFeed<Output>& feed) const;
    template <class Output>
    void encode_segment(std::string_view segment, AddedTokenMatcher::Filter const& filter,
                        EncodeState& state, WordFeed<Output>& feed) const;
    template <class Output>
    void feed_normalized(std::string_view segment, AddedTokenMatcher::Filter const& filter,
                         EncodeState& state, WordFeed<Output>& feed) const;
    template <class Output>
    void encode_bytes(std::string_view bytes, std::size_t valid, EncodeOptions const& options,
                      EncodeState& state, Output& out) const;
    void refuse_special(std::string_view text, EncodeState& state) const;
    std::size_t last_piece_tokens(std::string_view text, EncodeOptions const& options,
                                  EncodeState& state) const;
};

AddedTokenMatcher::Filter filter_of(EncodeOptions const& options);

// Tokenizer::digest of the definition that serialize_definition made this from.
std::string definition_digest(std::string_view serialized);

}  // namespace tokmill
