// A byte-level measure made of a token-level model: what stays the same along all texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"
#include "bytelm/prepared_row.h"

namespace tokmill::bytelm {

// A vocabulary with the rule that says which of its sequences are canonical.
struct ModelVocabulary {
    std::unique_ptr<ByteVocabulary const> tokens;
    std::unique_ptr<Canonicality const> canonicality;  // null: unknown
    std::vector<std::uint32_t> end_ids;
    // Numbers without a token, ascending: like those beyond the vocabulary they are no outcome.
    std::vector<std::uint32_t> unused_ids;
};

// Which sequences of tokens count.
enum class Covering : std::uint8_t {
    canonical,  // those that the tokenizer can produce
    all,
};

struct ProcessOptions {
    Covering covering = Covering::canonical;
    bool local = true;  // rows are renormalized over what is canonical
    SpecialRule special = SpecialRule::end;
    RowKind rows = RowKind::automatic;
    std::optional<std::size_t> beam;  // contexts kept behind each byte
    // Rows are not asked for while what depends on them has at most this share of the mass.
    double eps = 0;
};

class Process {
 public:
    // Throws Error(unsupported_tokenizer) for a covering that the vocabulary knows nothing about.
    Process(std::shared_ptr<ModelVocabulary const> vocabulary, ProcessOptions const& options);

    ByteVocabulary const& tokens() const noexcept { return *vocabulary_->tokens; }
    Canonicality const* canonicality() const noexcept {
        return options_.covering == Covering::canonical ? vocabulary_->canonicality.get() : nullptr;
    }
    ProcessOptions const& options() const noexcept { return options_; }
    RowLayout const& layout() const noexcept { return layout_; }
    // Contexts can only be pruned when rows are known: a text cannot be followed ahead of the
    // model.
    bool follows_rows() const noexcept { return options_.beam.has_value(); }

 private:
    std::shared_ptr<ModelVocabulary const> vocabulary_;
    ProcessOptions options_;
    RowLayout layout_;
};

}  // namespace tokmill::bytelm
