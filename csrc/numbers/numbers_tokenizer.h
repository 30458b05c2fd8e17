// A tokenizer whose numbers are tokens of a digit scheme and whose other text is left to another
// tokenizer, the base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/lazy.h"
#include "core/span.h"
#include "numbers/base_segments.h"
#include "numbers/easy_ids.h"
#include "numbers/gap_ids.h"
#include "numbers/grammar.h"
#include "numbers/groups.h"
#include "numbers/number_cuts.h"
#include "numbers/passages.h"
#include "numbers/scheme.h"
#include "numbers/special_digits.h"
#include "numbers/vocabulary.h"
#include "pipeline/encode_state.h"
#include "pipeline/tokenizer.h"

namespace tokmill::numbers {

struct AttachOptions {
    std::optional<std::uint32_t> first_id;  // of the new tokens; else they follow the vocabulary
    // Groups without a magnitude are tokens of the base, where it has them.
    bool units_from_base = false;
};

class NumbersTokenizer final : public Tokenizer {
 public:
    // Throws unsupported_tokenizer if the base has a digit scheme already or does more than put
    // tokens around a text, and invalid_tokenizer "option: reason" if ids or names would collide.
    NumbersTokenizer(std::shared_ptr<Tokenizer const> base, Scheme scheme,
                     AttachOptions const& options);

    Scheme const& scheme() const noexcept { return scheme_; }
    Tokenizer const& base() const noexcept { return *base_; }
    std::shared_ptr<Tokenizer const> const& shared_base() const noexcept { return base_; }
    NumberVocabulary const& vocabulary() const noexcept { return vocabulary_; }
    std::uint32_t first_id() const noexcept { return first_id_; }
    // The token of the vocabulary that an id stands for, if it is a number token.
    std::optional<std::size_t> index_of(std::uint32_t id) const noexcept;
    // The id of a token of the vocabulary.
    std::uint32_t id_of(std::size_t index) const noexcept {
        return ids_.empty() ? first_id_ + static_cast<std::uint32_t>(index) : ids_[index];
    }
    bool is_new(std::uint32_t id) const noexcept { return id - first_id_ < new_indices_.size(); }

    Definition const& head() const noexcept override { return head_; }
    std::string snapshot() const override;
    std::string compact_snapshot() const override { return snapshot(); }
    std::string portable_form() const override;
    std::string tokenizer_json() const override;

    void encode(TextRef text, EncodeOptions const& options, IdBuffer& ids) const override;
    void encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                             IdBuffer& ids, std::vector<std::int64_t>& spans) const override;
    std::size_t count(TextRef text, EncodeOptions const& options) const override;
    bool fits(TextRef text, std::size_t limit, EncodeOptions const& options) const override;
    BatchIds encode_batch(std::span<TextRef const> texts, EncodeOptions const& options,
                          unsigned threads) const override;
    std::vector<std::int64_t> count_batch(std::span<TextRef const> texts,
                                          EncodeOptions const& options,
                                          unsigned threads) const override;

    void canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const override;
    void decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                std::string& out) const override;
    bool decodes_by_concatenation() const noexcept override { return concatenates_; }
    std::unique_ptr<TextStream> stream(bool skip_special_tokens) const override;

    TokenTable const& tokens() const override { return table_; }
    std::string token_name(std::uint32_t id) const override;
    std::optional<std::uint32_t> find_name(std::string_view name) const override;
    std::optional<std::uint32_t> find_token(std::string_view bytes) const override;
    std::string const& digest() const override;
    std::vector<std::pair<std::string, std::string>> describe() const override;
    void set_cache_budget(std::size_t bytes) const noexcept override;

    // Where ids of the vocabulary are; null: they are first_id() and the following.
    std::uint32_t const* id_map() const noexcept { return ids_.empty() ? nullptr : ids_.data(); }
    GapIds const& gap_ids() const noexcept { return gap_ids_; }

    // For the batch functions.
    template <class Output>
    void encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                   Output& out) const;

    // The same bytes whatever the neighbours are.
    bool writes_own_bytes() const noexcept {
        return scheme_.mode == Mode::surface && scheme_.policy != Policy::reversed;
    }
    BaseSegments const& segments() const noexcept { return segments_; }
    GroupCutter const& cutter() const noexcept { return cutter_; }
    SpecialDigits const& special_digits() const noexcept { return special_digits_; }
    Grammar const& grammar() const noexcept { return grammar_; }
    // Null if all numerals are left to the Grammar.
    EasyIds const* easy_ids() const noexcept { return easy_ids_ ? &*easy_ids_ : nullptr; }
    PassageEnds const& passage_ends() const noexcept { return passage_ends_; }

 private:
    void check_base() const;
    void map_ids(AttachOptions const& options);
    void make_table();
    void make_easy_ids();
    // The id of the base for digits between other digits, if they are one token of it.
    std::optional<std::uint32_t> base_id(std::string const& digits) const;
    // Sends the numbers of a text and what lies between them to a target (number_sink.h).
    template <class Output>
    struct RunEncoder;
    template <class Target>
    void walk(std::string_view text, std::size_t valid, EncodeOptions const& options, bool is_ascii,
              Target& target) const;
    void check_known(std::span<std::uint32_t const> ids) const;

    std::shared_ptr<Tokenizer const> base_;
    Scheme scheme_;
    BaseSegments segments_;
    Grammar grammar_;
    PassageEnds passage_ends_;
    NumberCuts number_cuts_;
    GroupCutter cutter_;
    NumberVocabulary vocabulary_;
    SpecialDigits special_digits_;
    GapIds gap_ids_;
    bool units_from_base_ = false;
    std::uint32_t first_id_ = 0;
    std::vector<std::uint32_t> ids_;          // of each index; empty: all are new, in order
    std::vector<std::uint32_t> new_indices_;  // of each new id, from first_id_
    std::vector<std::int32_t> base_indices_;  // of each id of the base, -1 for most; may be empty
    Definition head_;
    TokenTable table_;
    bool concatenates_ = false;
    std::optional<EasyIds> easy_ids_;
    mutable EncodeStates states_;
    Lazy<std::string> digest_;
    Lazy<std::unordered_map<std::string, std::uint32_t>> names_;  // of the new tokens
};

}  // namespace tokmill::numbers
