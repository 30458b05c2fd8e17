#include "pipeline/general_tokenizer.h"

#include <algorithm>
#include <utility>

#include "core/byte_alphabet.h"
#include "core/sha256.h"
#include "pipeline/canonicalize.h"
#include "pipeline/chunk_pipeline.h"
#include "pipeline/decode_stream.h"
#include "pipeline/input_text.h"

namespace tokmill {
namespace {

using stages::GeneralPipeline;
using stages::UnitPlan;
using stages::UnitWords;

constexpr std::string_view kMark = "\u2581";

// The longest part of a token's normalized content without spaces: if only spaces are changed, it
// stands in the text itself wherever the token is found in the normalized text.
std::string core_of(std::string_view content) {
    std::string_view longest;
    for (std::size_t begin = 0; begin < content.size();) {
        std::size_t const mark = std::min(content.find(kMark, begin), content.size());
        std::size_t const end = std::min(content.find(' ', begin), mark);
        std::string_view const part = content.substr(begin, end - begin);
        if (part.size() > longest.size()) longest = part;
        begin = end == mark ? end + kMark.size() : end + 1;
    }
    return std::string(longest);
}

[[noreturn]] void refuse_bytes(std::size_t position) {
    throw Error(ErrorKind::invalid_input,
                "invalid UTF-8 at byte " + std::to_string(position) +
                    ", which this vocabulary cannot express",
                position);
}

// What a decoder makes of tokens in the middle of a text, found out by asking it.
class TokenReading {
 public:
    explicit TokenReading(GeneralPipeline const& pipeline) : decoder_(pipeline.decoder().get()) {
        if (decoder_ == nullptr) return;
        marks_ = reads("\u2581b", "a b");
        byte_tokens_ = reads("<0x41>", "aA");
        alphabet_ = reads("\u0120b", "a b");
        continuation_ = reads("##b", "ab");
    }

    std::string bytes_of(std::string_view token) const {
        if (alphabet_) {
            if (auto bytes = undo_byte_alphabet(token)) return *std::move(bytes);
        }
        if (byte_tokens_ && token.size() == 6 && token.starts_with("<0x") && token[5] == '>') {
            int const high = digit(token[3]), low = digit(token[4]);
            if (high >= 0 && low >= 0) return std::string(1, static_cast<char>(high * 16 + low));
        }
        if (continuation_ && token.starts_with("##")) return std::string(token.substr(2));
        if (!marks_) return std::string(token);
        std::string text;
        for (std::size_t at = 0; at < token.size();) {
            bool const is_mark = token.substr(at).starts_with(kMark);
            text += is_mark ? ' ' : token[at];
            at += is_mark ? kMark.size() : 1;
        }
        return text;
    }

 private:
    bool reads(std::string const& token, std::string_view text) const {
        try {
            return decoder_->decode({"a", token}) == text;
        } catch (Error const&) {
            return false;
        }
    }
    static int digit(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    }

    stages::Decoder const* decoder_;
    bool marks_ = false;
    bool byte_tokens_ = false;
    bool alphabet_ = false;
    bool continuation_ = false;
};

class GeneralTextStream final : public TextStream {
 public:
    GeneralTextStream(GeneralTokenizer const& tokenizer, bool skip_special_tokens)
        : tokenizer_(&tokenizer), stream_({}, skip_special_tokens) {}

    std::string push(std::uint32_t id) override {
        if (!tokenizer_->tokens().has(id)) {
            throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(id));
        }
        return stream_.step(tokenizer_->pipeline(), {&id, 1}).value_or(std::string());
    }
    std::string finish() override { return stream_.finish(tokenizer_->pipeline()); }

 private:
    GeneralTokenizer const* tokenizer_;
    stages::DecodeStream stream_;
};

}  // namespace

GeneralTokenizer::GeneralTokenizer(GeneralPipeline pipeline, std::string source, std::string format)
    : pipeline_(std::move(pipeline)), source_(std::move(source)), plan_(UnitPlan::make(pipeline_)) {
    needs_alignments_ = pipeline_.pre_tokenizer() &&
                        (!pipeline_.pre_tokenizer()->has_plain_form() ||
                         (pipeline_.normalizer() && pipeline_.normalizer()->may_insert_before()));
    bool const has_pieces =
        pipeline_.pre_tokenizer() && pipeline_.pre_tokenizer()->has_plain_form();
    if (plan_ == nullptr && has_pieces && !pipeline_.model()->is_random()) {
        pieces_ = std::make_unique<stages::ModelWords const>(pipeline_.model());
    }
    head_.format = std::move(format);
    head_.added_tokens = pipeline_.added_vocabulary().tokens();
    if (auto const* around = pipeline_.surroundings()) {
        head_.prefix_ids = around->prefix;
        head_.suffix_ids = around->suffix;
    }
    stages::Normalizer const* const normalizer = pipeline_.normalizer().get();
    changes_only_spaces_ = normalizer == nullptr || normalizer->only_spaces().has_value();
    std::vector<AddedToken> cores;
    for (AddedToken const& token : head_.added_tokens) {
        if (!token.normalized || token.content.empty()) continue;
        has_normalized_tokens_ = true;
        std::string content = token.content;
        if (normalizer != nullptr) normalizer->normalize(content);
        AddedToken core;
        core.content = core_of(content);
        if (core.content.empty()) changes_only_spaces_ = false;  // look at the normalized text
        cores.push_back(std::move(core));
    }
    if (!has_normalized_tokens_ || !changes_only_spaces_) return;
    std::sort(cores.begin(), cores.end(),
              [](auto const& a, auto const& b) { return a.content < b.content; });
    cores.erase(std::unique(cores.begin(), cores.end(),
                            [](auto const& a, auto const& b) { return a.content == b.content; }),
                cores.end());
    cores_ = AddedTokenMatcher(std::move(cores), Reference::hf_tokenizers);
}

// --- text to ids -------------------------------------------------------------------------------

GeneralTokenizer::Filter GeneralTokenizer::filter_of(EncodeOptions const& options,
                                                     std::vector<std::uint32_t>& allowed) const {
    Filter filter = pipeline_.added_vocabulary().filter();
    if (options.special == SpecialPolicy::parse) return filter;
    filter.special_as_text = true;
    if (options.special != SpecialPolicy::allow) return filter;
    for (std::uint32_t const place : options.allowed_special) {
        allowed.push_back(head_.added_tokens[place].id);
    }
    std::sort(allowed.begin(), allowed.end());
    filter.allowed_special = allowed;
    return filter;
}

AddedToken const* GeneralTokenizer::special_token(std::uint32_t id) const {
    auto const found =
        std::lower_bound(head_.added_tokens.begin(), head_.added_tokens.end(), id,
                         [](AddedToken const& token, std::uint32_t i) { return token.id < i; });
    if (found == head_.added_tokens.end() || found->id != id) return nullptr;
    return pipeline_.added_vocabulary().is_special(found->content) ? &*found : nullptr;
}

void GeneralTokenizer::refuse_special(std::string_view text, EncodeState& state) const {
    auto const check = [&](std::uint32_t id, std::size_t begin) {
        if (AddedToken const* const token = special_token(id)) {
            throw Error(ErrorKind::invalid_input,
                        "the text holds the special token " + token->content + " at byte " +
                            std::to_string(begin),
                        begin);
        }
    };
    stages::AddedVocabulary const& added = pipeline_.added_vocabulary();
    if (has_normalized_tokens_) {
        auto const split = added.split_and_normalize(text, pipeline_.normalizer().get(), {});
        for (auto const& piece :
             split.views(stages::Referential::original, stages::OffsetUnit::bytes)) {
            if (piece.tokens != nullptr) check(piece.tokens->front().id, piece.offsets.begin);
        }
        return;
    }
    state.matches.clear();
    added.find(text, {}, state.matches);
    for (AddedTokenMatch const& match : state.matches) check(match.id, match.span.begin);
}

bool GeneralTokenizer::does_more_than_surround() const noexcept {
    return pipeline_.post_processor() && pipeline_.surroundings() == nullptr;
}

stages::Encoding GeneralTokenizer::post_processed(std::string_view text, stages::OffsetUnit unit,
                                                  Filter const& filter) const {
    return stages::post_process(pipeline_.post_processor().get(),
                                pipeline_.encode_text(text, 0, std::nullopt, unit, filter),
                                std::nullopt, true);
}

template <class Output>
void GeneralTokenizer::encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                                 Output& out) const {
    auto const [utf8, valid] = utf8_of(text, state.transcoded);
    if (valid != utf8.size()) refuse_bytes(valid);
    if (options.special == SpecialPolicy::raise) refuse_special(utf8, state);
    std::vector<std::uint32_t> allowed;
    Filter const filter = filter_of(options, allowed);
    if (options.add_special_tokens && does_more_than_surround()) {
        auto const encoding = post_processed(utf8, stages::OffsetUnit::none, filter);
        for (std::uint32_t const id : encoding.ids) out.id(id);
        return;
    }
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head_.prefix_ids) out.id(id);
    }
    if (needs_alignments_) {
        auto const encoding =
            pipeline_.encode_text(utf8, 0, std::nullopt, stages::OffsetUnit::bytes, filter);
        for (std::uint32_t const id : encoding.ids) out.id(id);
    } else {
        encode_text(utf8, filter, state, out);
    }
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head_.suffix_ids) out.id(id);
    }
    // One very long text must not leave its size behind in the pool.
    constexpr std::size_t kKeep = std::size_t{16} << 20;
    if (state.transcoded.size() > kKeep) state.transcoded = {};
    if (state.normalized.capacity() > kKeep) state.normalized = {};
}

template <class Output>
void GeneralTokenizer::encode_text(std::string_view utf8, Filter const& filter, EncodeState& state,
                                   Output& out) const {
    state.matches.clear();
    pipeline_.added_vocabulary().find(utf8, filter, state.matches);
    std::size_t at = 0;
    for (AddedTokenMatch const& match : state.matches) {
        if (out.full()) return;
        if (match.span.begin > at) {
            encode_segment(utf8.substr(at, match.span.begin - at), at == 0, filter, state, out);
        }
        out.id(match.id);
        at = match.span.end;
    }
    if (at < utf8.size()) encode_segment(utf8.substr(at), at == 0, filter, state, out);
}

bool GeneralTokenizer::may_hold_normalized_tokens(std::string_view segment, Filter const& filter,
                                                  EncodeState& state) const {
    if (!has_normalized_tokens_) return false;
    state.inner_matches.clear();
    if (changes_only_spaces_) {
        cores_.find_all(segment, {}, state.inner_matches);
    } else {
        state.normalized.assign(segment);
        if (pipeline_.normalizer()) pipeline_.normalizer()->normalize(state.normalized);
        pipeline_.added_vocabulary().find_normalized(state.normalized, filter, state.inner_matches);
    }
    return !state.inner_matches.empty();
}

// Text without added tokens that are looked for in it as it is.
template <class Output>
void GeneralTokenizer::encode_segment(std::string_view segment, bool at_start, Filter const& filter,
                                      EncodeState& state, Output& out) const {
    if (plan_ != nullptr && !may_hold_normalized_tokens(segment, filter, state)) {
        if (stages::UnitRuns const* const runs = plan_->runs()) {
            return encode_parts(*runs, *runs, segment, at_start, state, out);
        }
        return encode_parts(plan_->words(), plan_->cutter(), segment, at_start, state, out);
    }
    bool const asks =
        at_start && pieces_ != nullptr && pipeline_.pre_tokenizer()->asks_for_original_start();
    if (pieces_ != nullptr && !(asks && pipeline_.normalizer())) {
        return encode_pieces(segment, asks ? 1 : 0, filter, state, out);
    }
    state.words.ids.clear();
    pipeline_.unnormalized_ids(segment, at_start, filter, state.words.ids);
    for (std::uint32_t const id : state.words.ids) out.id(id);
}

template <class Output>
void GeneralTokenizer::encode_pieces(std::string_view segment, std::size_t original_start,
                                     Filter const& filter, EncodeState& state, Output& out) const {
    state.normalized.assign(segment);
    if (pipeline_.normalizer()) pipeline_.normalizer()->normalize(state.normalized);
    std::string_view const text = state.normalized;
    state.inner_matches.clear();
    pipeline_.added_vocabulary().find_normalized(text, filter, state.inner_matches);
    std::size_t at = 0;
    auto const part = [&](std::size_t end) {
        if (at >= end) return;
        stages::PlainPieces pieces(text.substr(at, end - at));
        pieces.original_start = at == 0 ? original_start : 0;
        pipeline_.pre_tokenizer()->pre_tokenize_plain(pieces);
        ChunkPipeline<UnitWords, Output> pipeline(*pieces_, state.words, out);
        push_pieces(pieces.text, pieces.spans, pipeline, out);
        pipeline.finish();
    };
    for (AddedTokenMatch const& match : state.inner_matches) {
        if (out.full()) return;
        part(match.span.begin);
        out.id(match.id);
        at = match.span.end;
    }
    part(text.size());
}

template <class Words, class Cutter, class Output>
void GeneralTokenizer::encode_parts(Words const& words, Cutter const& cutter,
                                    std::string_view segment, bool at_start, EncodeState& state,
                                    Output& out) const {
    ChunkPipeline<Words, Output> pipeline(words, state.words, out);
    auto const* cursor = reinterpret_cast<unsigned char const*>(segment.data());
    unsigned char const* const begin = cursor;
    unsigned char const* const end = cursor + segment.size();
    while (cursor < end && !out.full()) {
        unsigned char const* const base = cursor;
        WordChunk& chunk = pipeline.chunk();
        std::uint32_t* const starts = chunk.begins;
        std::size_t count = cutter.cut(base, cursor, end, starts, WordChunk::kWords);
        auto const size = static_cast<std::size_t>(cursor - base);
        std::size_t const first_size = count > 1 ? starts[1] : size;
        std::size_t skipped = 0;
        if (base == begin) {
            std::string_view const unit = segment.substr(0, first_size);
            state.words.ids.clear();
            std::span<std::uint32_t const> ids;
            switch (plan_->first(unit, at_start, state.normalized, state.words.ids)) {
                case UnitPlan::First::as_it_is:
                    break;
                case UnitPlan::First::changed:
                    ids = words.encode_alone(state.normalized, state.words);
                    skipped = 1;
                    break;
                case UnitPlan::First::done:
                    ids = state.words.ids;
                    skipped = 1;
            }
            for (std::uint32_t const id : ids) out.id(id);
        }
        if (skipped != 0 && count == 1) continue;
        if (size > UINT32_MAX) {
            // Only the last unit can reach so far; the cutter then returns it alone.
            pipeline.push_word({reinterpret_cast<char const*>(base), size});
            continue;
        }
        starts[count] = static_cast<std::uint32_t>(size);
        if (skipped != 0) std::copy(starts + 1, starts + count + 1, starts);
        chunk.base = base;
        chunk.readable_end = end;
        chunk.ends = starts + 1;
        chunk.count = count - skipped;
        pipeline.push();
    }
    pipeline.finish();
}

template void GeneralTokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&,
                                          IdOutput&) const;
template void GeneralTokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&,
                                          CountOutput&) const;

void GeneralTokenizer::encode_with_offsets(TextRef text, EncodeOptions const& options,
                                           OffsetUnit unit, IdBuffer& ids,
                                           std::vector<std::int64_t>& spans) const {
    auto const state = states.borrow();
    auto const [utf8, valid] = utf8_of(text, state->transcoded);
    if (valid != utf8.size()) refuse_bytes(valid);
    if (options.special == SpecialPolicy::raise) refuse_special(utf8, *state);
    auto const add = [&](std::uint32_t id, Span span) {
        ids.push(id);
        spans.push_back(static_cast<std::int64_t>(span.begin));
        spans.push_back(static_cast<std::int64_t>(span.end));
    };
    stages::OffsetUnit const in =
        unit == OffsetUnit::byte ? stages::OffsetUnit::bytes : stages::OffsetUnit::characters;
    std::vector<std::uint32_t> allowed;
    Filter const filter = filter_of(options, allowed);
    bool const surrounds = options.add_special_tokens && !does_more_than_surround();
    if (surrounds) {
        for (std::uint32_t const id : head_.prefix_ids) add(id, {0, 0});
    }
    stages::Encoding const encoding =
        options.add_special_tokens && !surrounds
            ? post_processed(utf8, in, filter)
            : pipeline_.encode_text(utf8, 0, std::nullopt, in, filter);
    for (std::size_t i = 0; i < encoding.size(); ++i) add(encoding.ids[i], encoding.offsets[i]);
    if (surrounds) {
        for (std::uint32_t const id : head_.suffix_ids) add(id, {0, 0});
    }
}

// --- ids to text -------------------------------------------------------------------------------

void GeneralTokenizer::decode(std::span<std::uint32_t const> ids, bool skip_special_tokens,
                              std::string& out) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (pipeline_.id_to_token(ids[i])) continue;
        throw Error(
            ErrorKind::unknown_token,
            "no token has the id " + std::to_string(ids[i]) + " (index " + std::to_string(i) + ")",
            i);
    }
    out += pipeline_.decode(ids, skip_special_tokens);
}

std::unique_ptr<TextStream> GeneralTokenizer::stream(bool skip_special_tokens) const {
    return std::make_unique<GeneralTextStream>(*this, skip_special_tokens);
}

void GeneralTokenizer::canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const {
    auto const is_special = [&](std::uint32_t id) { return special_token(id) != nullptr; };
    canonicalize_between(*this, ids, is_special, out);
}

// --- vocabulary --------------------------------------------------------------------------------

TokenTable GeneralTokenizer::make_token_table() const {
    constexpr std::size_t kPadding = 64;
    struct Entry {
        std::string text;
        std::uint8_t flags = 0;
    };
    std::vector<Entry> entries;
    TokenReading const reading(pipeline_);
    auto const entry = [&](std::uint32_t id) -> Entry& {
        if (id >= entries.size()) entries.resize(std::size_t{id} + 1);
        return entries[id];
    };
    for (auto const& [text, id] : pipeline_.model()->vocabulary()) {
        entry(id) = {reading.bytes_of(text), TokenTable::present};
    }
    for (AddedToken const& token : head_.added_tokens) {
        bool const special = special_token(token.id) != nullptr;
        entry(token.id) = {token.content,
                           static_cast<std::uint8_t>(TokenTable::present | TokenTable::added |
                                                     (special ? TokenTable::special : 0))};
    }
    TokenTable table;
    for (Entry const& e : entries) {
        table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
        table.flags.push_back(e.flags);
        table.pool += e.text;
        if (table.pool.size() > UINT32_MAX - kPadding) {
            throw Error(ErrorKind::unsupported_tokenizer, "vocabulary of more than 4 GiB");
        }
    }
    table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
    table.pool.append(kPadding, '\0');
    return table;
}

TokenTable const& GeneralTokenizer::tokens() const {
    return tokens_.get([this] { return make_token_table(); });
}

std::string GeneralTokenizer::token_name(std::uint32_t id) const {
    return std::string(pipeline_.id_to_token(id).value_or(std::string_view()));
}

std::optional<std::uint32_t> GeneralTokenizer::find_name(std::string_view name) const {
    return pipeline_.token_to_id(name);
}

std::optional<std::uint32_t> GeneralTokenizer::find_token(std::string_view bytes) const {
    TokenTable const& table = tokens();
    for (std::uint32_t id = 0; id < table.size(); ++id) {
        if (table.has(id) && table.bytes(id) == bytes) return id;
    }
    return std::nullopt;
}

// --- the tokenizer as a value ------------------------------------------------------------------

std::string GeneralTokenizer::snapshot() const {
    throw Error(
        ErrorKind::unsupported_tokenizer,
        std::string("snapshots hold byte-level BPE only, not model ") + pipeline_.model()->type());
}

std::string GeneralTokenizer::compact_snapshot() const {
    return snapshot();
}

std::string const& GeneralTokenizer::digest() const {
    return digest_.get([this] { return sha256_hex(source_).substr(0, 32); });
}

std::vector<std::pair<std::string, std::string>> GeneralTokenizer::describe() const {
    std::vector<std::pair<std::string, std::string>> lines;
    lines.emplace_back("format", head_.format);
    lines.emplace_back("reference", "tokenizers");
    lines.emplace_back("model", pipeline_.model()->type());
    lines.emplace_back("vocabulary", std::to_string(pipeline_.vocab_size(true)) + " tokens");
    lines.emplace_back("normalizer", pipeline_.normalizer() ? "as in the file" : "none");
    lines.emplace_back("pre-tokenizer", pipeline_.pre_tokenizer() ? "as in the file" : "none");
    lines.emplace_back("remembered", plan_ != nullptr     ? plan_->describe()
                                     : pieces_ != nullptr ? "pieces"
                                                          : "nothing");
    auto const special = std::count_if(head_.added_tokens.begin(), head_.added_tokens.end(),
                                       [](AddedToken const& token) { return token.special; });
    lines.emplace_back("added tokens", std::to_string(head_.added_tokens.size()) +
                                           ", of which special " + std::to_string(special));
    auto const names = [&](std::vector<std::uint32_t> const& ids) {
        std::string text;
        for (std::uint32_t const id : ids) text += (text.empty() ? "" : " ") + token_name(id);
        return text.empty() ? "nothing" : text;
    };
    lines.emplace_back("put before a text", names(head_.prefix_ids));
    lines.emplace_back("put behind a text", names(head_.suffix_ids));
    if (pipeline_.truncation()) lines.emplace_back("truncation in the file", "not applied");
    if (pipeline_.padding()) lines.emplace_back("padding in the file", "not applied");
    return lines;
}

}  // namespace tokmill
