// The stage that cuts a text into pieces.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::stages {

// A text cut into pieces without the way back, which is all that ids need.
struct PlainPieces {
    // One piece, or none if `input` is empty. `input` must outlive the object.
    explicit PlainPieces(std::string_view input) : text(input) {
        if (!input.empty()) spans.push_back({0, input.size()});
    }
    PlainPieces(PlainPieces const&) = delete;
    PlainPieces& operator=(PlainPieces const&) = delete;

    std::string_view text;  // the input or, where a stage has changed characters, `changed`
    std::vector<Span> spans;
    std::string changed;
    // Pieces that begin before this byte of `text` begin with the original (their
    // NormalizedString::original_span() does): what Metaspace's prepend_scheme "first" asks for. It
    // is 0 for a text from the middle of an input, and 1 for one from its beginning of which the
    // normalizer has not made several characters out of the first one.
    std::size_t original_start = 1;

    std::string_view piece(Span span) const noexcept {
        return text.substr(span.begin, span.size());
    }
};

class PreTokenizer {
 public:
    virtual ~PreTokenizer() = default;

    virtual void pre_tokenize(PreTokenizedString& text) const = 0;

    // The same without alignments, which is a lot cheaper. Components written in Python have only
    // the first form.
    virtual bool has_plain_form() const noexcept { return false; }
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
