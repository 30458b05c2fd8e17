// The stage that cuts a text into pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pretokenizers/plain_pieces.h"
#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::stages {

// Whether a stage cuts a text as it cuts its parts, one behind the other.
enum class InParts : std::uint8_t {
    no,
    yes,           // unless another stage has to cut between them
    at_spaces,     // it cuts there itself, if what the parts begin with are spaces
    at_whitespace  // ... or any white space
};

class PreTokenizer {
 public:
    virtual ~PreTokenizer() = default;

    virtual void pre_tokenize(PreTokenizedString& text) const = 0;

    // The same without alignments, which is a lot cheaper. Components written in Python have only
    // the first form.
    virtual bool has_plain_form() const noexcept { return false; }
    // Whether PlainPieces::original_start matters.
    virtual bool asks_for_original_start() const noexcept { return false; }
    virtual void pre_tokenize_plain(PlainPieces& pieces) const;
    // The steps of the byte-level engine that do the same, if there are such.
    virtual std::optional<std::vector<tokmill::PreTokenizer>> byte_level_steps() const {
        return std::nullopt;
    }
    // What allows to work on parts of a text (pipeline/unit_cutter.h), cut as for
    // Normalizer::works_in_parts.
    virtual InParts in_parts() const noexcept { return InParts::no; }
    // If a text stays in one piece.
    struct WholeText {
        bool only_without_spaces = false;  // ... as long as it holds no space
        bool replaces_spaces = false;      // by U+2581
        // When U+2581 is put before a text that does not begin with it.
        bool prefix_at_start = false;   // at the beginning of the input
        bool prefix_elsewhere = false;  // behind an added token
    };
    virtual std::optional<WholeText> whole_text() const { return std::nullopt; }
};

// A stage that leaves the characters as they are.
class Cutter : public PreTokenizer {
 public:
    // Appends the pieces of `text` (valid UTF-8), in order and none of them empty.
    virtual void cut(std::string_view text, std::vector<Span>& pieces) const = 0;

    void pre_tokenize(PreTokenizedString& text) const final;
    bool has_plain_form() const noexcept final { return true; }
    void pre_tokenize_plain(PlainPieces& pieces) const final;
};

using PreTokenizerPtr = std::shared_ptr<PreTokenizer const>;

}  // namespace tokmill::stages
