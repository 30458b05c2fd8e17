#include "numbers/special_digits.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "numbers/grammar.h"
#include "pipeline/general_tokenizer.h"
#include "sentencepiece/model_proto.h"

namespace tokmill::numbers {
namespace {

bool has_digit(std::string_view text) {
    return std::any_of(text.begin(), text.end(), Grammar::is_digit);
}

// User-defined symbols of a SentencePiece model, which it sees wherever they are.
std::vector<AddedToken> user_symbols(Tokenizer const& base) {
    std::vector<AddedToken> symbols;
    auto const model = sentencepiece::read_model_proto(base.portable_form());
    for (std::uint32_t id = 0; id < model.pieces.size(); ++id) {
        sentencepiece::Piece const& piece = model.pieces[id];
        if (piece.type != sentencepiece::PieceType::user_defined || piece.text.empty()) continue;
        AddedToken symbol;
        symbol.content = std::string(piece.text);
        symbol.id = id;
        symbols.push_back(std::move(symbol));
    }
    return symbols;
}

}  // namespace

SpecialDigits::SpecialDigits(Tokenizer const& base) : base_(&base) {
    Definition const& head = base.head();
    bool const is_sentencepiece = head.reference == Reference::sentencepiece;
    parses_special_ = !is_sentencepiece;
    std::vector<AddedToken> tokens = head.added_tokens;
    if (is_sentencepiece) {
        for (AddedToken& symbol : user_symbols(base)) tokens.push_back(std::move(symbol));
    }
    auto const* const general = dynamic_cast<GeneralTokenizer const*>(&base);
    bool const changes_text = general != nullptr ? general->pipeline().normalizer() != nullptr
                                                 : !head.normalizers.empty();
    // Of tokens with the same content one is enough. Matches are told apart by the place in
    // `tokens`, which stands for the id.
    std::vector<AddedToken> looked_for;
    std::vector<std::uint32_t> places;
    std::set<std::string_view> seen;
    std::set<std::uint32_t> special;  // ids, which a token that is not special may share
    for (AddedToken const& token : tokens) {
        if (token.special) special.insert(token.id);
    }
    for (std::uint32_t place = 0; place < tokens.size(); ++place) {
        AddedToken const& token = tokens[place];
        has_digits_.push_back(has_digit(token.content));
        if (token.content.empty()) continue;
        any_ |= has_digits_.back();
        by_encoding_ |= has_digits_.back() && token.normalized;
        bool const is_special = special.contains(token.id);
        if (is_special && token.normalized && changes_text) {
            std::fill(std::begin(begins_), std::end(begins_), true);
        }
        if (is_special) begins_[static_cast<unsigned char>(token.content[0])] = true;
        if (token.normalized) continue;
        if (!seen.insert(token.content).second) continue;
        looked_for.push_back(token);
        looked_for.back().id = place;
        places.push_back(place);
    }
    if (!any_ || by_encoding_) return;
    matcher_ = AddedTokenMatcher(std::move(looked_for), head.reference, std::move(places));
}

void SpecialDigits::find(std::string_view text, EncodeOptions const& options,
                         std::vector<Span>& spans) const {
    if (!any_) return;
    if (by_encoding_) return find_by_encoding(text, options, spans);
    AddedTokenMatcher::Filter filter;
    filter.special_as_text = !parses_special_ || options.special != SpecialPolicy::parse;
    if (options.special == SpecialPolicy::allow) filter.allowed_special = options.allowed_special;
    std::vector<AddedTokenMatch> matches;
    matcher_.find_all(text, filter, matches);
    for (AddedTokenMatch const& match : matches) {
        if (has_digits_[match.id]) spans.push_back(match.span);
    }
}

void SpecialDigits::find_by_encoding(std::string_view text, EncodeOptions const& options,
                                     std::vector<Span>& spans) const {
    IdBuffer ids;
    std::vector<std::int64_t> places;
    EncodeOptions inner = options;
    inner.add_special_tokens = false;
    base_->encode_with_offsets({text.data(), text.size(), TextKind::bytes}, inner, OffsetUnit::byte,
                               ids, places);
    TokenTable const& tokens = base_->tokens();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::uint32_t const id = ids.data()[i];
        if (!(tokens.flags[id] & TokenTable::added) || !has_digit(tokens.bytes(id))) continue;
        auto const begin = static_cast<std::size_t>(places[2 * i]);
        auto const end = static_cast<std::size_t>(places[2 * i + 1]);
        if (begin < end) spans.push_back({begin, end});
    }
}

}  // namespace tokmill::numbers
