// Ids together with the part of the original text that each stands for. The same stages as
// encode.cpp, but piece by piece and with the way back kept: this is not the fast path.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "normalizers/nfc.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/character_offsets.h"
#include "pipeline/input_text.h"
#include "pipeline/outputs.h"

namespace tokmill {
namespace {

// The range of the input behind a non-empty range of a changed text; an empty alignment means that
// nothing was changed.
Span input_range(std::vector<Span> const& alignment, Span range) {
    if (alignment.empty() || range.size() == 0) return range;
    Span const input{alignment[range.begin].begin, alignment[range.end - 1].end};
    return {input.begin, std::max(input.begin, input.end)};
}

Span shifted(Span span, std::size_t by) {
    return {span.begin + by, span.end + by};
}

}  // namespace

// Walks one text; byte spans are relative to it.
class OffsetEncoder {
 public:
    OffsetEncoder(ByteLevelTokenizer const& tokenizer, EncodeState& state,
                  EncodeOptions const& options, IdBuffer& ids, std::vector<Span>& spans)
        : tokenizer_(tokenizer),
          state_(state),
          filter_(filter_of(options)),
          ids_(ids),
          spans_(spans) {}

    void add(std::uint32_t id, Span span) {
        ids_.push(id);
        spans_.push_back(span);
    }

    void text(std::string_view text) {
        split(
            tokenizer_.raw_tokens, text,
            [&](Span part) { segment(text.substr(part.begin, part.size()), part.begin); },
            [](Span span) { return span; });
    }

 private:
    // Calls rest(part) for what lies between the added tokens of `text` and adds those tokens with
    // the spans that input(span) gives.
    template <class Rest, class Input>
    void split(AddedTokenMatcher const& matcher, std::string_view text, Rest const& rest,
               Input const& input) {
        std::vector<AddedTokenMatch> matches;
        if (!matcher.empty()) matcher.find_all(text, filter_, matches);
        std::size_t at = 0;
        for (AddedTokenMatch const& match : matches) {
            if (match.span.begin > at) rest(Span{at, match.span.begin});
            add(match.id, input(match.span));
            at = match.span.end;
        }
        if (at < text.size()) rest(Span{at, text.size()});
    }

    void segment(std::string_view raw, std::size_t offset) {
        std::string normalized;
        std::vector<Span> alignment;
        std::string_view text = raw;
        if (tokenizer_.nfc && nfc_stable_prefix(raw) < raw.size()) {
            normalize_nfc(raw, normalized, &alignment);
            text = normalized;
        }
        split(
            tokenizer_.normalized_tokens, text,
            [&](Span part) {
                words(text.substr(part.begin, part.size()), part.begin, alignment, offset);
            },
            [&](Span span) { return shifted(input_range(alignment, span), offset); });
    }

    void words(std::string_view text, std::size_t begin, std::vector<Span> const& alignment,
               std::size_t offset) {
        Pieces pieces;
        tokenizer_.pre_tokenization.run(text, true, pieces);
        std::vector<std::uint32_t> ids;
        std::vector<Span> spans;
        for (Span const& piece : pieces.spans) {
            ids.clear();
            spans.clear();
            tokenizer_.bpe.encode_word(pieces.text.substr(piece.begin, piece.size()), state_.words,
                                       ids, &spans);
            for (std::size_t i = 0; i < ids.size(); ++i) {
                Span const in_text = input_range(pieces.alignment, shifted(spans[i], piece.begin));
                Span const in_segment = input_range(alignment, shifted(in_text, begin));
                add(ids[i], shifted(in_segment, offset));
            }
        }
    }

    ByteLevelTokenizer const& tokenizer_;
    EncodeState& state_;
    AddedTokenMatcher::Filter filter_;
    IdBuffer& ids_;
    std::vector<Span>& spans_;
};

void ByteLevelTokenizer::encode_with_offsets(TextRef text, EncodeOptions const& options,
                                             OffsetUnit unit, IdBuffer& ids,
                                             std::vector<std::int64_t>& spans) const {
    auto const state = states.borrow();
    auto const [view, valid] = utf8_of(text, state->transcoded);
    std::string const utf8(view);
    if (options.special == SpecialPolicy::raise) {
        refuse_special(std::string_view(utf8).substr(0, valid), *state);
    }
    std::vector<Span> found;
    std::size_t const first = ids.size();
    OffsetEncoder encoder(*this, *state, options, ids, found);
    Definition const& head = definition->head();
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head.prefix_ids) encoder.add(id, {0, 0});
    }
    if (valid == utf8.size()) {
        encoder.text(utf8);
    } else {
        // Such bytes are cut by the bytes of their tokens, which is exact where nothing was
        // changed.
        if (unit == OffsetUnit::character) {
            throw Error(ErrorKind::invalid_input,
                        "offsets in characters: invalid UTF-8 at byte " + std::to_string(valid),
                        valid);
        }
        IdOutput out(ids);
        encode_bytes(utf8, valid, options, *state, out);
        std::size_t at = 0;
        for (std::size_t i = first + found.size(); i < ids.size(); ++i) {
            std::size_t const size = token_table.bytes(ids.data()[i]).size();
            found.push_back({at, at + size});
            at += size;
        }
        if (at != utf8.size()) {
            throw Error(ErrorKind::invalid_input,
                        "offsets: invalid UTF-8 at byte " + std::to_string(valid) +
                            " in a text that the tokenizer changes",
                        valid);
        }
    }
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head.suffix_ids) encoder.add(id, {0, 0});
    }
    spans.reserve(spans.size() + found.size() * 2);
    auto const put = [&](Span span) {
        spans.push_back(static_cast<std::int64_t>(span.begin));
        spans.push_back(static_cast<std::int64_t>(span.end));
    };
    if (unit == OffsetUnit::byte) {
        for (Span const& span : found) put(span);
        return;
    }
    CharacterOffsets const characters(utf8);
    for (Span const& span : found) put(characters(span));
}

}  // namespace tokmill
