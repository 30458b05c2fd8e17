// Text to ids: the stages in order. Each function takes an Output, which either collects the ids
// (IdOutput) or only counts them (CountOutput).
#include <algorithm>
#include <string>

#include "normalizers/nfc.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/input_text.h"
#include "pipeline/outputs.h"
#include "pipeline/word_feed.h"

namespace tokmill {
AddedTokenMatcher::Filter filter_of(EncodeOptions const& options) {
    AddedTokenMatcher::Filter filter;
    filter.special_as_text = options.special != SpecialPolicy::parse;
    if (options.special == SpecialPolicy::allow) filter.allowed_special = options.allowed_special;
    return filter;
}

template <class Output>
void ByteLevelTokenizer::encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                                   Output& out) const {
    auto const [utf8, valid] = utf8_of(text, state.transcoded);
    if (options.special == SpecialPolicy::raise) refuse_special(utf8.substr(0, valid), state);
    Definition const& head = definition->head();
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head.prefix_ids) out.id(id);
    }
    if (valid == utf8.size()) {
        WordFeed<Output> feed(*this, state, out, utf8.data() + utf8.size());
        if (state.words.comes_again(utf8)) feed.remember_runs();
        encode_text(utf8, options, state, feed);
        feed.drain();
    } else {
        encode_bytes(utf8, valid, options, state, out);
    }
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head.suffix_ids) out.id(id);
    }
    // One very long text must not leave its size behind in the pool.
    constexpr std::size_t kKeep = std::size_t{16} << 20;
    if (state.transcoded.size() > kKeep) state.transcoded = {};
    if (state.normalized.capacity() > kKeep) state.normalized = {};
}

bool ByteLevelTokenizer::is_words(std::string_view text) const {
    return (!nfc || nfc_stable_prefix(text) == text.size()) && !raw_tokens.may_match(text) &&
           !normalized_tokens.may_match(text);
}

template <class Output>
void ByteLevelTokenizer::encode_text(std::string_view text, EncodeOptions const& options,
                                     EncodeState& state, WordFeed<Output>& feed) const {
    AddedTokenMatcher::Filter const filter = filter_of(options);
    if (raw_tokens.empty()) return encode_segment(text, filter, state, feed);
    state.matches.clear();
    raw_tokens.find_all(text, filter, state.matches);
    std::size_t at = 0;
    for (AddedTokenMatch const& match : state.matches) {
        if (feed.full()) return;
        if (match.span.begin > at) {
            encode_segment(text.substr(at, match.span.begin - at), filter, state, feed);
        }
        feed.id(match.id);
        at = match.span.end;
    }
    if (at < text.size()) encode_segment(text.substr(at), filter, state, feed);
}

// Text without raw added tokens: normalize, take the normalized added tokens out, feed the rest.
template <class Output>
void ByteLevelTokenizer::encode_segment(std::string_view segment,
                                        AddedTokenMatcher::Filter const& filter, EncodeState& state,
                                        WordFeed<Output>& feed) const {
    std::size_t const stable = nfc ? nfc_stable_prefix(segment) : segment.size();
    if (stable == segment.size()) return feed_normalized(segment, filter, state, feed);
    feed.drain();  // what is in state.normalized
    state.normalized.assign(segment.substr(0, stable));
    normalize_nfc(segment.substr(stable), state.normalized, nullptr);
    WordFeed<Output> inner(*this, state, feed.out());
    feed_normalized(state.normalized, filter, state, inner);
    inner.drain();
}

template <class Output>
void ByteLevelTokenizer::feed_normalized(std::string_view segment,
                                         AddedTokenMatcher::Filter const& filter,
                                         EncodeState& state, WordFeed<Output>& feed) const {
    if (normalized_tokens.empty()) return feed.text(segment);
    state.inner_matches.clear();
    normalized_tokens.find_all(segment, filter, state.inner_matches);
    std::size_t at = 0;
    for (AddedTokenMatch const& match : state.inner_matches) {
        if (feed.full()) return;
        if (match.span.begin > at) feed.text(segment.substr(at, match.span.begin - at));
        feed.id(match.id);
        at = match.span.end;
    }
    if (at < segment.size()) feed.text(segment.substr(at));
}

// Bytes that are not UTF-8, by the rule of tiktoken's byte path: the valid prefix as text, except
// that its last pre-token, which what follows might have changed, is joined with all the rest and
// merged as one.
template <class Output>
void ByteLevelTokenizer::encode_bytes(std::string_view bytes, std::size_t valid,
                                      EncodeOptions const& options, EncodeState& state,
                                      Output& out) const {
    std::string_view const prefix = bytes.substr(0, valid);
    IdBuffer ids;
    IdOutput collect(ids);
    WordFeed<IdOutput> feed(*this, state, collect);
    encode_text(prefix, options, state, feed);
    feed.drain();
    std::size_t unstable = last_piece_tokens(prefix, options, state);
    auto const is_blank = [&](std::size_t from_end) {
        std::string_view const text = token_table.bytes(ids.data()[ids.size() - from_end]);
        return text.find_first_not_of(" \n\t") == std::string_view::npos;
    };
    if (unstable > 0 && is_blank(unstable)) {
        while (unstable < ids.size() && is_blank(unstable + 1)) ++unstable;
    }
    std::string tail;
    for (std::size_t i = ids.size() - unstable; i < ids.size(); ++i) {
        tail += token_table.bytes(ids.data()[i]);
    }
    tail += bytes.substr(valid);
    auto const& external = bpe.tables().external;
    for (std::size_t i = 0; i < tail.size(); ++i) {
        if (external[static_cast<unsigned char>(tail[i])] != kNoId) continue;
        throw Error(ErrorKind::invalid_input,
                    "invalid UTF-8 at byte " + std::to_string(valid) +
                        ", and the vocabulary has no token for every byte",
                    valid);
    }
    for (std::size_t i = 0; i + unstable < ids.size(); ++i) out.id(ids.data()[i]);
    out.word(bpe, tail, state.words);
}

// How many of the ids of `text` belong to its last pre-token; 0 if it ends with an added token.
std::size_t ByteLevelTokenizer::last_piece_tokens(std::string_view text,
                                                  EncodeOptions const& options,
                                                  EncodeState& state) const {
    AddedTokenMatcher::Filter const filter = filter_of(options);
    auto const behind_last = [&](AddedTokenMatcher const& matcher, std::string_view segment) {
        std::vector<AddedTokenMatch> matches;
        if (!matcher.empty()) matcher.find_all(segment, filter, matches);
        return matches.empty() ? segment : segment.substr(matches.back().span.end);
    };
    std::string normalized;
    std::string_view rest = behind_last(raw_tokens, text);
    if (nfc) {
        normalize_nfc(rest, normalized, nullptr);
        rest = normalized;
    }
    rest = behind_last(normalized_tokens, rest);
    Pieces pieces;
    pre_tokenization.run(rest, false, pieces);
    if (pieces.spans.empty()) return 0;
    Span const last = pieces.spans.back();
    std::vector<std::uint32_t> ids;
    bpe.encode_word(pieces.text.substr(last.begin, last.size()), state.words, ids, nullptr);
    return ids.size();
}

void ByteLevelTokenizer::refuse_special(std::string_view text, EncodeState& state) const {
    for (AddedTokenMatcher const* matcher : {&raw_tokens, &normalized_tokens}) {
        if (matcher->empty()) continue;
        state.matches.clear();
        matcher->find_all(text, {}, state.matches);
        for (AddedTokenMatch const& match : state.matches) {
            if (!(token_table.flags[match.id] & TokenTable::special)) continue;
            throw Error(ErrorKind::invalid_input,
                        "the text holds the special token " +
                            std::string(token_table.bytes(match.id)) + " at byte " +
                            std::to_string(match.span.begin),
                        match.span.begin);
        }
    }
}

template void ByteLevelTokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&,
                                            IdOutput&) const;
template void ByteLevelTokenizer::encode_text(std::string_view, EncodeOptions const&, EncodeState&,
                                              WordFeed<IdOutput>&) const;
template void ByteLevelTokenizer::encode_text(std::string_view, EncodeOptions const&, EncodeState&,
                                              WordFeed<CountOutput>&) const;
template void ByteLevelTokenizer::encode_bytes(std::string_view, std::size_t, EncodeOptions const&,
                                               EncodeState&, IdOutput&) const;
template void ByteLevelTokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&,
                                            CountOutput&) const;

}  // namespace tokmill
