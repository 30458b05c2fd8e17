// The stage that cuts a text into pieces.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pretokenizers/plain_pieces.h"
#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::stages {

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
