// The stages in their order.
#include "pipeline/general_pipeline.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"

namespace tokmill::stages {

// --- parts -----------------------------------------------------------------------------------

void GeneralPipeline::set_normalizer(NormalizerPtr normalizer, bool renormalize) {
    normalizer_ = std::move(normalizer);
    if (renormalize) added_.renormalize(normalizer_.get());
}

void GeneralPipeline::set_post_processor(PostProcessorPtr stage) {
    post_processor_ = std::move(stage);
    with_special_.reset();
    without_special_.reset();
    if (!post_processor_) return;
    with_special_ = surroundings_of(*post_processor_, true);
    without_special_ = surroundings_of(*post_processor_, false);
}

void GeneralPipeline::set_truncation(std::optional<Truncation> truncation) {
    if (truncation) {
        std::size_t const added = num_special_tokens_to_add(false);
        // Too short a length wraps around, which makes it no limit at all: so it does in
        // tokenizers.
        std::size_t const effective = truncation->max_length - added;
        if (effective < truncation->stride) {
            throw Error(
                ErrorKind::invalid_input,
                "tokenizer stride set to " + std::to_string(truncation->stride) +
                    ", which is greater than or equal to its effective max length of " +
                    std::to_string(effective) + " (= " + std::to_string(truncation->max_length) +
                    " original max length - " + std::to_string(added) + " added special tokens), ");
        }
    }
    truncation_ = std::move(truncation);
}

// A post-processor puts tokens around a text without looking at it. So a text of one token shows
// what they are, and with another token, which of them is the text.
std::optional<GeneralPipeline::Surroundings> GeneralPipeline::surroundings_of(
    PostProcessor const& stage, bool add_special_tokens) {
    auto const run = [&](std::uint32_t mark) {
        Encoding encoding;
        encoding.push_back(mark, "", {}, 0, 0);
        return stages::post_process(&stage, std::move(encoding), std::nullopt, add_special_tokens)
            .ids;
    };
    try {
        std::vector<std::uint32_t> const ids = run(0);
        std::vector<std::uint32_t> const others = run(1);
        auto const [place, other] =
            std::mismatch(ids.begin(), ids.end(), others.begin(), others.end());
        bool const once = place != ids.end() && other != others.end() &&
                          std::equal(place + 1, ids.end(), other + 1, others.end());
        if (!once) return std::nullopt;
        return Surroundings{{ids.begin(), place}, {place + 1, ids.end()}};
    } catch (Error const&) {
        return std::nullopt;  // it fails again when it is used
    }
}

// --- vocabulary ------------------------------------------------------------------------------

std::optional<std::uint32_t> GeneralPipeline::token_to_id(std::string_view token) const {
    if (auto const id = added_.token_to_id(token)) return id;
    return model_->token_to_id(token);
}

std::optional<std::string_view> GeneralPipeline::id_to_token(std::uint32_t id) const {
    if (std::string const* const token = added_.id_to_token(id)) return *token;
    return model_->id_to_token(id);
}

std::size_t GeneralPipeline::vocab_size(bool with_added_tokens) const {
    std::size_t size = model_->vocab_size();
    if (!with_added_tokens) return size;
    for (auto const& [content, id] : added_.ids()) {
        if (!model_->token_to_id(content)) ++size;
    }
    return size;
}

std::vector<std::pair<std::string_view, std::uint32_t>> GeneralPipeline::vocabulary(
    bool with_added_tokens) const {
    auto entries = model_->vocabulary();
    if (!with_added_tokens || added_.empty()) return entries;
    std::erase_if(entries, [&](auto const& entry) { return added_.token_to_id(entry.first); });
    for (auto const& [content, id] : added_.ids()) entries.emplace_back(content, id);
    return entries;
}

// --- encoding --------------------------------------------------------------------------------

Encoding GeneralPipeline::encode_text(std::string_view text, std::uint32_t type_id,
                                      std::optional<std::uint32_t> word, OffsetUnit unit,
                                      AddedVocabulary::Filter const& filter) const {
    if (unit == OffsetUnit::none) {
        Encoding encoding;
        text_ids(text, filter, encoding.ids);
        std::size_t const count = encoding.size();
        encoding.type_ids.assign(count, 0);
        encoding.tokens.resize(count);
        encoding.words.assign(count, Encoding::kNoWord);
        encoding.offsets.resize(count);
        encoding.special_tokens_mask.assign(count, 0);
        encoding.attention_mask.assign(count, 1);
        return encoding;
    }
    PreTokenizedString pieces = added_.split_and_normalize(text, normalizer_.get(), filter);
    if (pre_tokenizer_) pre_tokenizer_->pre_tokenize(pieces);
    pieces.tokenize(*model_);
    return std::move(pieces).to_encoding(word, type_id, unit);
}

Encoding GeneralPipeline::encode_sequence(InputSequence const& sequence, std::uint32_t type_id,
                                          OffsetUnit unit) const {
    if (auto const* const text = std::get_if<std::string_view>(&sequence)) {
        return encode_text(*text, type_id, std::nullopt, unit, added_.filter());
    }
    Encoding result;
    std::uint32_t number = 0;
    for (std::string_view const word : std::get<std::vector<std::string_view>>(sequence)) {
        result.merge_with(encode_text(word, type_id, number++, unit, added_.filter()), false);
    }
    return result;
}

Encoding GeneralPipeline::encode(Input const& input, bool add_special_tokens,
                                 OffsetUnit unit) const {
    Encoding first = encode_sequence(input.first, 0, unit);
    std::optional<Encoding> second;
    if (input.second) second = encode_sequence(*input.second, 1, unit);
    return post_process(std::move(first), std::move(second), add_special_tokens);
}

std::vector<Encoding> GeneralPipeline::encode_batch(std::span<Input const> inputs,
                                                    bool add_special_tokens, OffsetUnit unit,
                                                    unsigned threads) const {
    std::vector<Encoding> encodings(inputs.size());
    parallel_for(inputs.size(), threads, [&](std::size_t i, std::size_t) {
        encodings[i] = encode(inputs[i], add_special_tokens, unit);
    });
    if (padding_) pad_encodings(encodings, *padding_);
    return encodings;
}

Encoding GeneralPipeline::post_process(Encoding first, std::optional<Encoding> second,
                                       bool add_special_tokens) const {
    if (truncation_) {
        Truncation truncation = *truncation_;
        // May wrap around, as in set_truncation.
        if (add_special_tokens) {
            truncation.max_length -= num_special_tokens_to_add(second.has_value());
        }
        truncate_encodings(first, second ? &*second : nullptr, truncation);
    }
    Encoding result = stages::post_process(post_processor_.get(), std::move(first),
                                           std::move(second), add_special_tokens);
    if (padding_) pad_encodings({&result, 1}, *padding_);
    return result;
}

// --- ids alone -------------------------------------------------------------------------------

void GeneralPipeline::encode_ids(std::string_view text, bool add_special_tokens,
                                 std::vector<std::uint32_t>& ids) const {
    if (!post_processor_) {
        text_ids(text, added_.filter(), ids);
        return;
    }
    auto const& around = add_special_tokens ? with_special_ : without_special_;
    if (around) {
        ids.insert(ids.end(), around->prefix.begin(), around->prefix.end());
        text_ids(text, added_.filter(), ids);
        ids.insert(ids.end(), around->suffix.begin(), around->suffix.end());
        return;
    }
    Encoding const encoding =
        stages::post_process(post_processor_.get(),
                             encode_text(text, 0, std::nullopt, OffsetUnit::none, added_.filter()),
                             std::nullopt, add_special_tokens);
    ids.insert(ids.end(), encoding.ids.begin(), encoding.ids.end());
}

namespace {

// Calls between(span) for what lies between the matches, and found(id) for them, in order.
template <class Between, class Found>
void walk(std::size_t size, std::vector<AddedTokenMatch> const& matches, Between const& between,
          Found const& found) {
    std::size_t begin = 0;
    for (AddedTokenMatch const& match : matches) {
        if (begin < match.span.begin) between(Span{begin, match.span.begin});
        found(match.id);
        begin = match.span.end;
    }
    if (begin < size) between(Span{begin, size});
}

// How many bytes of the normalized text stand for the beginning of the original.
std::size_t bytes_at_start(NormalizedString const& text) {
    std::size_t count = 0;
    for (Span const& original : text.alignments()) {
        if (original.begin != 0) break;
        ++count;
    }
    return count;
}

}  // namespace

void GeneralPipeline::text_ids(std::string_view text, AddedVocabulary::Filter const& filter,
                               std::vector<std::uint32_t>& ids) const {
    bool const needs_alignments = normalizer_ && normalizer_->may_insert_before();
    if (pre_tokenizer_ && (needs_alignments || !pre_tokenizer_->has_plain_form())) {
        aligned_text_ids(text, filter, ids);
        return;
    }
    std::vector<AddedTokenMatch> matches;
    added_.find(text, filter, matches);
    walk(
        text.size(), matches,
        [&](Span span) {
            unnormalized_ids(text.substr(span.begin, span.size()), span.begin == 0, filter, ids);
        },
        [&](std::uint32_t id) { ids.push_back(id); });
}

void GeneralPipeline::aligned_text_ids(std::string_view text, AddedVocabulary::Filter const& filter,
                                       std::vector<std::uint32_t>& ids) const {
    PreTokenizedString pieces = added_.split_and_normalize(text, normalizer_.get(), filter);
    pre_tokenizer_->pre_tokenize(pieces);
    for (Piece const& piece : pieces.pieces()) {
        if (!piece.tokens) {
            model_->tokenize_ids(piece.text.normalized(), ids);
            continue;
        }
        for (Token const& token : *piece.tokens) ids.push_back(token.id);
    }
}

void GeneralPipeline::unnormalized_ids(std::string_view text, bool at_start,
                                       AddedVocabulary::Filter const& filter,
                                       std::vector<std::uint32_t>& ids) const {
    if (!normalizer_) {
        normalized_ids(text, at_start ? 1 : 0, filter, ids);
        return;
    }
    if (at_start && pre_tokenizer_ && pre_tokenizer_->asks_for_original_start()) {
        NormalizedString aligned{std::string(text)};
        normalizer_->normalize(aligned);
        normalized_ids(aligned.normalized(), bytes_at_start(aligned), filter, ids);
        return;
    }
    std::string normalized(text);
    normalizer_->normalize(normalized);
    normalized_ids(normalized, 0, filter, ids);
}

void GeneralPipeline::start_ids(std::string_view text, std::vector<std::uint32_t>& ids) const {
    if (!normalizer_) return piece_ids(text, 1, ids);
    NormalizedString aligned{std::string(text)};
    normalizer_->normalize(aligned);
    piece_ids(aligned.normalized(), bytes_at_start(aligned), ids);
}

void GeneralPipeline::normalized_ids(std::string_view text, std::size_t original_start,
                                     AddedVocabulary::Filter const& filter,
                                     std::vector<std::uint32_t>& ids) const {
    std::vector<AddedTokenMatch> matches;
    added_.find_normalized(text, filter, matches);
    walk(
        text.size(), matches,
        [&](Span span) {
            std::size_t const start = original_start - std::min(original_start, span.begin);
            piece_ids(text.substr(span.begin, span.size()), start, ids);
        },
        [&](std::uint32_t id) { ids.push_back(id); });
}

void GeneralPipeline::piece_ids(std::string_view text, std::size_t original_start,
                                std::vector<std::uint32_t>& ids) const {
    if (!pre_tokenizer_) {
        model_->tokenize_ids(text, ids);
        return;
    }
    PlainPieces pieces(text);
    pieces.original_start = original_start;
    pre_tokenizer_->pre_tokenize_plain(pieces);
    for (Span const& span : pieces.spans) model_->tokenize_ids(pieces.piece(span), ids);
}

// --- decoding --------------------------------------------------------------------------------

std::string GeneralPipeline::decode(std::span<std::uint32_t const> ids,
                                    bool skip_special_tokens) const {
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (std::uint32_t const id : ids) {
        std::optional<std::string_view> const token = id_to_token(id);
        if (!token || (skip_special_tokens && added_.is_special(*token))) continue;
        tokens.emplace_back(*token);
    }
    if (decoder_) return decoder_->decode(std::move(tokens));
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i != 0) text += ' ';
        text += tokens[i];
    }
    return text;
}

std::vector<std::string> GeneralPipeline::decode_batch(
    std::span<std::vector<std::uint32_t> const> rows, bool skip_special_tokens,
    unsigned threads) const {
    std::vector<std::string> texts(rows.size());
    parallel_for(rows.size(), threads, [&](std::size_t i, std::size_t) {
        texts[i] = decode(rows[i], skip_special_tokens);
    });
    return texts;
}

}  // namespace tokmill::stages
