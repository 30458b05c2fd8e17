// Unigram: of all ways to cut a text into pieces, the one with the highest sum of scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"

namespace tokmill::stages {

struct UnigramOptions {
    std::optional<std::size_t> unk_id;  // place in the vocabulary
    bool byte_fallback = false;         // unknown characters become tokens "<0x00>" to "<0xFF>"
    // Sampling, which happens if alpha is there and not zero: from the `nbest_size` best ways to
    // cut, or from all of them; the smaller alpha, the more evenly.
    std::optional<double> alpha;
    std::optional<std::size_t> nbest_size;

    bool operator==(UnigramOptions const&) const = default;
};

class UnigramTables;
struct UnigramScratch;

class Unigram final : public Model {
 public:
    struct Piece {
        std::string_view text;
        double score;
    };

    // Ids are places in the list. Of equal texts the last one counts. Throws
    // Error(invalid_tokenizer) if unk_id is not a place in the vocabulary.
    Unigram(std::vector<Piece> const& vocabulary, UnigramOptions options);

    // The same vocabulary with other options.
    std::shared_ptr<Unigram const> with_options(UnigramOptions options) const;
    UnigramOptions const& options() const noexcept { return options_; }

    void tokenize(std::string_view piece, std::vector<Token>& tokens) const override;
    void tokenize_ids(std::string_view piece, std::vector<std::uint32_t>& ids) const override;
    std::optional<std::uint32_t> token_to_id(std::string_view token) const override;
    std::optional<std::string_view> id_to_token(std::uint32_t id) const override;
    // How many pieces the list has, equal ones counted each.
    std::size_t vocab_size() const override;
    std::vector<std::pair<std::string_view, std::uint32_t>> vocabulary() const override;
    bool is_random() const noexcept override { return samples(); }
    char const* type() const override { return "Unigram"; }

    // The whole list, by id.
    std::size_t size() const noexcept;
    Piece piece(std::size_t id) const noexcept;

 private:
    Unigram(std::shared_ptr<UnigramTables const> tables, UnigramOptions options);

    bool samples() const noexcept { return options_.alpha && *options_.alpha != 0; }
    // A part that is no piece, or the unk_token itself.
    bool is_unknown(std::uint32_t id) const noexcept;
    void cut(std::string_view text, UnigramScratch& scratch) const;
    void find_best(std::string_view text, UnigramScratch& scratch) const;
    void sample(std::string_view text, UnigramScratch& scratch) const;
    // The ids of a short text without unknown parts; false if there are some.
    bool add_short(std::string_view text, std::vector<std::uint32_t>& ids) const;
    // Calls `emit(id, begin, end, is_byte)` for each token of the parts.
    template <class Emit>
    void emit_tokens(std::string_view text, UnigramScratch const& scratch, Emit const& emit) const;

    std::shared_ptr<UnigramTables const> tables_;
    UnigramOptions options_;
};

}  // namespace tokmill::stages
