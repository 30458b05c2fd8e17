// Pieces and continuations by the rules of tiktoken 0.14.0.
#include "pipeline/rank_encoder.h"

#include <algorithm>
#include <set>

#include "core/utf8_decode.h"
#include "models/bpe_merge.h"
#include "simd/utf8.h"
#include "unicode/properties.h"

namespace tokmill {

namespace {

std::shared_ptr<ByteLevelTokenizer const> checked(std::shared_ptr<Tokenizer const> tokenizer) {
    auto core = std::dynamic_pointer_cast<ByteLevelTokenizer const>(std::move(tokenizer));
    if (core == nullptr || core->head().reference != Reference::tiktoken) {
        throw Error(ErrorKind::unsupported_tokenizer,
                    "only a vocabulary of byte strings and ranks can be a tiktoken encoding");
    }
    return core;
}

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

TextRef as_text(std::string_view bytes) {
    return {bytes.data(), bytes.size(), TextKind::bytes};
}

// Size of the white space character at the end of the text; 0 if it ends with anything else.
std::size_t trailing_space(std::string_view text) {
    for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
        std::string_view const last = text.substr(text.size() - size);
        if (is_continuation(bytes_of(last)[0])) continue;
        if (simd::valid_utf8_prefix(last) != size) return 0;
        DecodedChar const character = decode_char(bytes_of(last));
        return character.size == size && unicode::is_white_space(character.code_point) ? size : 0;
    }
    return 0;
}

}  // namespace

RankEncoder::RankEncoder(std::shared_ptr<Tokenizer const> tokenizer)
    : tokenizer_(checked(std::move(tokenizer))) {}

void RankEncoder::encode_piece(std::string_view piece, Ids& ids) const {
    if (piece.empty()) return;
    auto const state = tokenizer_->states.borrow();
    tokenizer_->bpe.encode_word(piece, state->words, ids, nullptr);
}

RankEncoder::Ids RankEncoder::merge_piece(std::string_view piece) const {
    std::vector<Symbol> symbols;
    BpeTables const& tables = tokenizer_->bpe.tables();
    BpeMerger(tables.pairs).merge(bytes_of(piece), piece.size(), symbols);
    Ids ids;
    ids.reserve(symbols.size());
    for (Symbol const& symbol : symbols) ids.push_back(tables.external[symbol.id]);
    return ids;
}

std::optional<std::uint32_t> RankEncoder::find_token(std::string_view bytes) const {
    if (bytes.empty()) return tokenizer_->find_token(bytes);
    Ids ids;
    encode_piece(bytes, ids);
    if (ids.size() == 1) return ids[0];
    return tokenizer_->find_token(bytes);
}

RankEncoder::Ids const& RankEncoder::sorted_tokens() const {
    return sorted_tokens_.get([this] {
        TokenTable const& tokens = tokenizer_->tokens();
        Ids ids;
        for (std::uint32_t id = 0; id < tokens.size(); ++id) {
            if (tokens.flags[id] == TokenTable::present) ids.push_back(id);
        }
        std::sort(ids.begin(), ids.end(), [&](std::uint32_t a, std::uint32_t b) {
            return tokens.bytes(a) < tokens.bytes(b);
        });
        return ids;
    });
}

bool RankEncoder::is_blank(std::uint32_t id) const {
    TokenTable const& tokens = tokenizer_->tokens();
    return !(tokens.flags[id] & TokenTable::added) &&
           tokens.bytes(id).find_first_not_of(" \n\t") == std::string_view::npos;
}

std::size_t RankEncoder::unstable_ids(std::string_view text, EncodeOptions const& options,
                                      IdBuffer const& ids) const {
    auto const state = tokenizer_->states.borrow();
    std::size_t count = tokenizer_->last_piece_tokens(text, options, *state);
    auto const id_from_end = [&](std::size_t i) { return ids.data()[ids.size() - i]; };
    // White space behind white space may join it in one piece.
    if (count > 0 && is_blank(id_from_end(count))) {
        while (count < ids.size() && is_blank(id_from_end(count + 1))) ++count;
    }
    return count;
}

RankEncoder::Unstable RankEncoder::encode_unstable(std::string_view text,
                                                   EncodeOptions const& options) const {
    IdBuffer ids;
    tokenizer_->encode(as_text(text), options, ids);
    std::size_t const stable = ids.size() - unstable_ids(text, options, ids);
    Unstable result;
    result.stable.assign(ids.data(), ids.data() + stable);
    std::string tail;
    for (std::size_t i = stable; i < ids.size(); ++i) {
        tail += tokenizer_->tokens().bytes(ids.data()[i]);
    }
    if (!tail.empty()) result.completions = complete(tail);
    return result;
}

template <class Visit>
void RankEncoder::for_tokens_with(std::string_view prefix, Visit const& visit) const {
    TokenTable const& tokens = tokenizer_->tokens();
    Ids const& sorted = sorted_tokens();
    auto at = std::lower_bound(
        sorted.begin(), sorted.end(), prefix,
        [&](std::uint32_t id, std::string_view wanted) { return tokens.bytes(id) < wanted; });
    for (; at != sorted.end() && tokens.bytes(*at).starts_with(prefix); ++at) visit(*at);
}

// The ids of `bytes` until they cover the `wanted` first ones.
RankEncoder::Ids RankEncoder::reencode(std::string_view bytes, std::size_t wanted) const {
    Ids ids;
    if (simd::valid_utf8_prefix(bytes) == bytes.size()) {
        EncodeOptions options;
        options.special = SpecialPolicy::text;
        IdBuffer buffer;
        tokenizer_->encode(as_text(bytes), options, buffer);
        ids.assign(buffer.begin(), buffer.end());
    } else {
        ids = merge_piece(bytes);
    }
    std::size_t covered = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        covered += tokenizer_->tokens().bytes(ids[i]).size();
        if (covered >= wanted) {
            ids.resize(i + 1);
            break;
        }
    }
    return ids;
}

std::vector<RankEncoder::Ids> RankEncoder::complete(std::string_view tail) const {
    std::set<Ids> completions;
    for_tokens_with(tail, [&](std::uint32_t id) { completions.insert({id}); });
    // Tokens that begin inside the tail and reach beyond it (or just to its end).
    std::string possibility;
    for (std::size_t cut = 1; cut < tail.size(); ++cut) {
        for_tokens_with(tail.substr(cut), [&](std::uint32_t id) {
            possibility.assign(tail.substr(0, cut));
            possibility += tokenizer_->tokens().bytes(id);
            completions.insert(reencode(possibility, tail.size()));
        });
    }
    // What follows may cut off the white space at the end.
    std::size_t const space = trailing_space(tail);
    if (space != 0 && space < tail.size()) {
        Ids split = merge_piece(tail.substr(0, tail.size() - space));
        Ids const last = merge_piece(tail.substr(tail.size() - space));
        split.insert(split.end(), last.begin(), last.end());
        completions.insert(std::move(split));
    }
    return {completions.begin(), completions.end()};
}

}  // namespace tokmill
