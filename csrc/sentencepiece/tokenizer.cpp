#include "sentencepiece/tokenizer.h"

#include <algorithm>
#include <utility>

#include "core/sha256.h"
#include "pipeline/character_offsets.h"
#include "pipeline/input_text.h"

namespace tokmill::sentencepiece {
namespace {

constexpr std::string_view kMark = "\u2581";

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

// What a piece stands for in the middle of a text.
std::string bytes_of(std::string_view piece, PieceType type) {
    if (type == PieceType::byte && piece.size() == 6) {
        return std::string(1, static_cast<char>(digit(piece[3]) * 16 + digit(piece[4])));
    }
    std::string text;
    for (std::size_t at = 0; at < piece.size();) {
        bool const is_mark = piece.substr(at).starts_with(kMark);
        text += is_mark ? ' ' : piece[at];
        at += is_mark ? kMark.size() : 1;
    }
    return text;
}

TokenTable make_token_table(Processor const& processor) {
    constexpr std::size_t kPadding = 64;
    TokenTable table;
    for (std::uint32_t id = 0; id < processor.vocabulary_size(); ++id) {
        PieceType const type = processor.type(id);
        bool const control = type == PieceType::control;
        table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
        table.flags.push_back(static_cast<std::uint8_t>(
            TokenTable::present | (control ? TokenTable::added | TokenTable::special : 0)));
        table.pool += control ? std::string(processor.id_to_piece(id))
                              : bytes_of(processor.id_to_piece(id), type);
    }
    table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
    table.pool.append(kPadding, '\0');
    return table;
}

class Stream final : public TextStream {
 public:
    explicit Stream(Processor const& processor) : stream_(processor) {}

    std::string push(std::uint32_t id) override { return stream_.push(id); }
    std::string finish() override { return stream_.finish(); }

 private:
    Processor::Stream stream_;
};

}  // namespace

Tokenizer::Tokenizer(std::string_view model_proto) : processor_(Processor::load(model_proto)) {
    head_.format = "sentencepiece";
    head_.reference = Reference::sentencepiece;
    tokens_ = make_token_table(*processor_);
    for (std::uint32_t id = 0; id < processor_->vocabulary_size(); ++id) {
        if (processor_->type(id) != PieceType::control) continue;
        AddedToken token;
        token.content = processor_->id_to_piece(id);
        token.id = id;
        token.special = true;
        if (!token.content.empty()) head_.added_tokens.push_back(std::move(token));
    }
    std::vector<std::uint32_t> places(head_.added_tokens.size());
    for (std::uint32_t place = 0; place < places.size(); ++place) places[place] = place;
    std::vector<AddedToken> tokens = head_.added_tokens;
    controls_ = AddedTokenMatcher(std::move(tokens), Reference::tiktoken, std::move(places));
}

std::string_view Tokenizer::checked(TextRef text, EncodeOptions const& options,
                                    EncodeState& state) const {
    auto const [utf8, valid] = utf8_of(text, state.transcoded);
    if (valid != utf8.size()) {
        throw Error(ErrorKind::invalid_input, "invalid UTF-8 at byte " + std::to_string(valid),
                    valid);
    }
    if (options.special == SpecialPolicy::raise) {
        state.matches.clear();
        controls_.find_all(utf8, {}, state.matches);
        if (!state.matches.empty()) {
            AddedTokenMatch const& match = state.matches.front();
            throw Error(ErrorKind::invalid_input,
                        "the text holds the control symbol " +
                            std::string(processor_->id_to_piece(match.id)) + " at byte " +
                            std::to_string(match.span.begin),
                        match.span.begin);
        }
    }
    return utf8;
}

void Tokenizer::find_allowed(std::string_view text, EncodeOptions const& options,
                             EncodeState& state) const {
    state.matches.clear();
    if (options.special != SpecialPolicy::allow) return;
    controls_.find_all(text, {true, options.allowed_special}, state.matches);
}

template <class Output>
void Tokenizer::encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                          Output& out) const {
    std::string_view const utf8 = checked(text, options, state);
    auto const put = [&](std::string_view part) {
        state.words.ids.clear();
        processor_->encode_ids(part, state.words.ids);
        for (std::uint32_t const id : state.words.ids) out.id(id);
    };
    find_allowed(utf8, options, state);
    std::size_t at = 0;
    for (AddedTokenMatch const& match : state.matches) {
        if (match.span.begin > at) put(utf8.substr(at, match.span.begin - at));
        out.id(match.id);
        at = match.span.end;
    }
    if (at < utf8.size() || state.matches.empty()) put(utf8.substr(at));
}

template void Tokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&, IdOutput&) const;
template void Tokenizer::encode_to(TextRef, EncodeOptions const&, EncodeState&, CountOutput&) const;

void Tokenizer::encode_with_offsets(TextRef text, EncodeOptions const& options, OffsetUnit unit,
                                    IdBuffer& ids, std::vector<std::int64_t>& spans) const {
    auto const state = states.borrow();
    std::string_view const utf8 = checked(text, options, *state);
    std::optional<CharacterOffsets> characters;
    if (unit == OffsetUnit::character) characters.emplace(utf8);
    auto const add = [&](std::uint32_t id, Span span) {
        if (characters) span = (*characters)(span);
        ids.push(id);
        spans.push_back(static_cast<std::int64_t>(span.begin));
        spans.push_back(static_cast<std::int64_t>(span.end));
    };
    auto const put = [&](std::size_t begin, std::size_t end) {
        TextPieces const encoded = processor_->encode(utf8.substr(begin, end - begin));
        for (TextPiece const& piece : encoded.pieces) {
            add(piece.id, {begin + piece.begin, begin + piece.end});
        }
    };
    find_allowed(utf8, options, *state);
    std::size_t at = 0;
    for (AddedTokenMatch const& match : state->matches) {
        if (match.span.begin > at) put(at, match.span.begin);
        add(match.id, match.span);
        at = match.span.end;
    }
    if (at < utf8.size() || state->matches.empty()) put(at, utf8.size());
}

void Tokenizer::canonicalize(std::span<std::uint32_t const> ids, IdBuffer& out) const {
    EncodeOptions options;
    options.special = SpecialPolicy::text;
    std::size_t begin = 0;
    auto const flush = [&](std::size_t end) {
        if (begin == end) return;
        std::string text;
        decode(ids.subspan(begin, end - begin), false, text);
        encode({text.data(), text.size(), TextKind::bytes}, options, out);
    };
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!tokens_.has(ids[i]) || !(tokens_.flags[ids[i]] & TokenTable::special)) continue;
        flush(i);
        out.push(ids[i]);
        begin = i + 1;
    }
    flush(ids.size());
}

void Tokenizer::decode(std::span<std::uint32_t const> ids, bool, std::string& out) const {
    // Control symbols never show in the text.
    out += processor_->decode_ids(ids);
}

std::unique_ptr<TextStream> Tokenizer::stream(bool) const {
    return std::make_unique<Stream>(*processor_);
}

std::string Tokenizer::token_name(std::uint32_t id) const {
    return std::string(processor_->id_to_piece(id));
}

std::optional<std::uint32_t> Tokenizer::find_name(std::string_view name) const {
    std::int32_t const id = processor_->piece_to_id(name);
    if (id < 0 || processor_->id_to_piece(static_cast<std::uint32_t>(id)) != name) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(id);
}

std::optional<std::uint32_t> Tokenizer::find_token(std::string_view bytes) const {
    for (std::uint32_t id = 0; id < tokens_.size(); ++id) {
        if (tokens_.bytes(id) == bytes) return id;
    }
    return std::nullopt;
}

std::string Tokenizer::snapshot() const {
    throw Error(ErrorKind::unsupported_tokenizer,
                "snapshots hold byte-level BPE only, not a SentencePiece model");
}

std::string Tokenizer::tokenizer_json() const {
    throw Error(ErrorKind::unsupported_tokenizer,
                "a SentencePiece model has no exact tokenizer.json");
}

std::string const& Tokenizer::digest() const {
    return digest_.get([this] { return sha256_hex(processor_->serialized_model()).substr(0, 32); });
}

std::vector<std::pair<std::string, std::string>> Tokenizer::describe() const {
    char const* const kinds[] = {"?", "unigram", "BPE", "word", "char"};
    auto const kind = static_cast<std::size_t>(processor_->model_type());
    return {
        {"format", head_.format},
        {"reference", "sentencepiece"},
        {"model", kinds[kind < std::size(kinds) ? kind : 0]},
        {"vocabulary", std::to_string(processor_->vocabulary_size()) + " pieces"},
        {"byte fallback", processor_->byte_fallback() ? "yes" : "no"},
        {"control symbols", std::to_string(head_.added_tokens.size())},
        {"put before a text", "nothing"},
        {"put behind a text", "nothing"},
    };
}

}  // namespace tokmill::sentencepiece
