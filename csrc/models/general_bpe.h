// BPE with every option of tokenizers: pieces start as characters and merge by rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "models/token_vocabulary.h"

namespace tokmill::stages {

struct BpeOptions {
    std::optional<float> dropout;  // the probability that a merge is put off
    std::optional<std::string> unk_token;
    std::optional<std::string> continuing_subword_prefix;
    std::optional<std::string> end_of_word_suffix;
    bool fuse_unk = false;
    bool byte_fallback = false;  // unknown characters become tokens "<0x00>" to "<0xFF>"
    bool ignore_merges = false;  // a piece that is a token stays whole

    bool operator==(BpeOptions const&) const = default;
};

class CharacterBpe;
class GeneralBpeTables;
struct BpeScratch;

class GeneralBpe final : public Model {
 public:
    using MergeText = std::pair<std::string_view, std::string_view>;

    // Merges by falling priority; of equal ones the last one counts. Throws
    // Error(invalid_tokenizer) if a part or the result of a merge is not in the vocabulary, or if
    // dropout is not a probability.
    GeneralBpe(std::vector<TokenVocabulary::Item> vocabulary, std::span<MergeText const> merges,
               BpeOptions options);

    // The same model with other options. The vocabulary and the merges are shared; they stay as
    // they were built, even if the prefix changes.
    std::shared_ptr<GeneralBpe const> with_options(BpeOptions options) const;
    BpeOptions const& options() const noexcept { return options_; }

    void tokenize(std::string_view piece, std::vector<Token>& tokens) const override;
    void tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const override;
    // For whole texts, in which spaces stand for U+2581 if `marks_spaces`; null if the options or
    // the merges are not simple enough. Must not outlive the model.
    std::unique_ptr<CharacterBpe const> compile(bool marks_spaces) const;
    // The distinct texts that merges make, formed or not.
    std::vector<std::string_view> joined_texts() const;
    // Whether what takes part in merges stands for its own text: no token of a byte does, nor the
    // unknown token.
    bool merges_own_texts() const noexcept;
    // A bit for each code point whose tokens are the same next to any other: those of three bytes
    // and more, if the options are simple enough for compile(); otherwise nothing.
    std::vector<std::uint64_t> lone_characters() const;
    std::optional<std::uint32_t> token_to_id(std::string_view token) const override;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const override;
    std::size_t vocab_size() const override;
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const override;
    bool is_random() const noexcept override { return has_dropout(); }
    char const* type() const override { return "BPE"; }

    // By rank.
    std::vector<MergeText> merges() const;

 private:
    GeneralBpe(std::shared_ptr<GeneralBpeTables const> tables, BpeOptions options);

    void look_at_options();
    // Appends the ids of a short piece. False, and nothing is appended, if the piece or the options
    // are not simple enough.
    bool add_short(std::string_view piece, std::vector<std::uint32_t>& ids) const;
    bool has_dropout() const noexcept { return options_.dropout && *options_.dropout != 0; }
    // The entry of the piece if it stays whole.
    std::uint32_t whole(std::string_view piece) const noexcept;
    // Leaves the symbols of the piece in `scratch`.
    void merge_piece(std::string_view piece, BpeScratch& scratch) const;
    void add_characters(std::string_view piece, BpeScratch& scratch) const;
    std::uint32_t character(std::string_view text, bool is_first, bool is_last, BpeScratch& scratch,
                            std::string_view& spelled) const;
    bool add_bytes(std::string_view spelled, BpeScratch& scratch) const;

    std::shared_ptr<GeneralBpeTables const> tables_;
    BpeOptions options_;
    std::uint32_t unk_ = TokenVocabulary::kMissing;
    // Merging is all that happens to the symbols of a piece, and they are those of its characters.
    bool merges_plainly_ = false;
};

}  // namespace tokmill::stages
