// A text cut into pieces without the way back to the original, which is all that ids need.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

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

// Cuts every piece on its own: cut(text, spans) appends what it falls into.
template <class Cut>
void cut_pieces(PlainPieces& pieces, Cut const& cut) {
    std::vector<Span> const before = std::exchange(pieces.spans, {});
    pieces.spans.reserve(before.size());
    for (Span const& piece : before) {
        std::size_t const first = pieces.spans.size();
        cut(pieces.piece(piece), pieces.spans);
        for (std::size_t i = first; i < pieces.spans.size(); ++i) {
            pieces.spans[i].begin += piece.begin;
            pieces.spans[i].end += piece.begin;
        }
    }
}

// Replaces every piece by prefix(piece, begins with the original) and what change(characters, out)
// appends for its characters, of which it gets one part after the other. A prefix stands for the
// same part of the original as the character behind it.
template <class Prefix, class Change>
void rewrite_pieces(PlainPieces& pieces, Prefix const& prefix, Change const& change) {
    std::string changed;
    changed.reserve(pieces.text.size() + pieces.text.size() / 4);
    std::size_t start = 0;
    for (Span& span : pieces.spans) {
        std::string_view const text = pieces.piece(span);
        std::size_t const begin = changed.size();
        bool const at_start = span.begin < pieces.original_start;
        changed += prefix(text, at_start);
        std::size_t head = 0;
        if (at_start) {
            // Whole characters stand for the beginning, not single bytes of them.
            head = std::min(pieces.original_start - span.begin, text.size());
            while (head < text.size() && is_continuation(static_cast<unsigned char>(text[head]))) {
                ++head;
            }
            change(text.substr(0, head), changed);
            start = changed.size();
        }
        change(text.substr(head), changed);
        span = {begin, changed.size()};
    }
    pieces.changed = std::move(changed);
    pieces.text = pieces.changed;
    pieces.original_start = start;
}

}  // namespace tokmill::stages
