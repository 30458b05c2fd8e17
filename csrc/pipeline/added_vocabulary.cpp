// Added tokens as tokenizers' AddedVocabulary keeps and finds them.
#include "pipeline/added_vocabulary.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kNoId = 0xFFFFFFFF;

// The rest of a normalized text between two matches, or all of it, as a text of its own.
NormalizedString slice_of(NormalizedString const& text, Span span) {
    // Matches stand at the borders of characters.
    return text.slice(Referential::normalized, span).value();
}

// Whether a slice of the whole text would be that text. It would not if normalization has removed
// something from its ends.
bool spans_its_original(NormalizedString const& text) {
    std::optional<Span> const whole = text.to_original({0, text.normalized().size()});
    return whole == Span{0, text.original().size()};
}

std::vector<Piece> cut(NormalizedString text, std::vector<AddedTokenMatch> const& matches) {
    std::vector<Piece> pieces;
    std::size_t const size = text.normalized().size();
    if (size == 0) return pieces;
    if (matches.empty() && spans_its_original(text)) {
        pieces.push_back({std::move(text), std::nullopt});
        return pieces;
    }
    std::size_t begin = 0;
    for (AddedTokenMatch const& match : matches) {
        if (begin < match.span.begin) {
            pieces.push_back({slice_of(text, {begin, match.span.begin}), std::nullopt});
        }
        NormalizedString part = slice_of(text, match.span);
        std::string value = part.normalized();
        Span const span{0, value.size()};
        pieces.push_back({std::move(part), std::vector{Token{match.id, std::move(value), span}}});
        begin = match.span.end;
    }
    if (begin < size) pieces.push_back({slice_of(text, {begin, size}), std::nullopt});
    return pieces;
}

// tokenizers picks one of several tokens that are normalized to the same text at random; here it is
// the one with the lowest id.
void drop_twins(std::vector<AddedToken>& tokens) {
    std::sort(tokens.begin(), tokens.end(), [](AddedToken const& a, AddedToken const& b) {
        return std::pair(std::string_view(a.content), a.id) <
               std::pair(std::string_view(b.content), b.id);
    });
    auto const last = std::unique(
        tokens.begin(), tokens.end(),
        [](AddedToken const& a, AddedToken const& b) { return a.content == b.content; });
    tokens.erase(last, tokens.end());
}

}  // namespace

std::uint32_t AddedVocabulary::next_id(Model const& model) const {
    auto const size = static_cast<std::uint32_t>(model.vocab_size());
    if (entries_.empty() || (largest_id_ < size && size != 0)) return size;
    return largest_id_ == kNoId ? kNoId : largest_id_ + 1;
}

void AddedVocabulary::normalize(Entry& entry, Normalizer const* normalizer) {
    if (!entry.token.normalized || normalizer == nullptr) return;
    std::string normalized = entry.token.content;
    normalizer->normalize(normalized);
    // A form kept from before stays if it is not replaced.
    if (normalized != entry.token.content) entry.normalized = std::move(normalized);
}

std::size_t AddedVocabulary::add(std::vector<AddedToken> tokens, Model const& model,
                                 Normalizer const* normalizer) {
    forget_matchers();
    std::uint32_t next = next_id(model);
    std::size_t added = 0;
    for (AddedToken& token : tokens) {
        if (token.content.empty()) continue;
        std::optional<std::uint32_t> id = token_to_id(token.content);
        if (id) {
            token.id = *id;
            if (entries_.at(*id).token == token) continue;
        } else {
            id = model.token_to_id(token.content);
        }
        if (!id) {
            if (next == kNoId) {
                throw Error(ErrorKind::invalid_tokenizer, "added tokens: no id is left");
            }
            id = next++;
        }
        token.id = *id;
        ids_[token.content] = *id;
        if (token.special) special_contents_.insert(token.content);
        largest_id_ = std::max(largest_id_, *id);
        Entry& entry = entries_[*id];
        entry.token = std::move(token);
        normalize(entry, normalizer);
        ++added;
    }
    return added;
}

void AddedVocabulary::renormalize(Normalizer const* normalizer) {
    forget_matchers();
    for (auto& [id, entry] : entries_) {
        entry.normalized.reset();
        normalize(entry, normalizer);
    }
}

std::vector<AddedToken> AddedVocabulary::tokens() const {
    std::vector<AddedToken> result;
    result.reserve(entries_.size());
    for (auto const& [id, entry] : entries_) result.push_back(entry.token);
    std::sort(result.begin(), result.end(),
              [](AddedToken const& a, AddedToken const& b) { return a.id < b.id; });
    return result;
}

std::optional<std::uint32_t> AddedVocabulary::token_to_id(std::string_view content) const {
    auto const found = ids_.find(content);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

std::string const* AddedVocabulary::id_to_token(std::uint32_t id) const {
    auto const found = entries_.find(id);
    if (found == entries_.end()) return nullptr;
    Entry const& entry = found->second;
    return entry.normalized ? &*entry.normalized : &entry.token.content;
}

AddedVocabulary::Matchers AddedVocabulary::make_matchers() const {
    std::vector<AddedToken> plain, normalized;
    for (auto const& [id, entry] : entries_) {
        AddedToken token = entry.token;
        // What was special once stays special.
        token.special = is_special(token.content);
        if (token.normalized && entry.normalized) token.content = *entry.normalized;
        (token.normalized ? normalized : plain).push_back(std::move(token));
    }
    drop_twins(normalized);
    return {AddedTokenMatcher(std::move(plain), Reference::hf_tokenizers),
            AddedTokenMatcher(std::move(normalized), Reference::hf_tokenizers)};
}

void AddedVocabulary::find(std::string_view text, Filter const& filter,
                           std::vector<AddedTokenMatch>& matches) const {
    if (!entries_.empty()) matchers().plain.find_all(text, filter, matches);
}

void AddedVocabulary::find_normalized(std::string_view text, Filter const& filter,
                                      std::vector<AddedTokenMatch>& matches) const {
    if (!entries_.empty()) matchers().normalized.find_all(text, filter, matches);
}

PreTokenizedString AddedVocabulary::split_and_normalize(std::string_view text,
                                                        Normalizer const* normalizer,
                                                        Filter const& filter) const {
    PreTokenizedString result{std::string(text)};
    std::vector<AddedTokenMatch> matches;
    result.split([&](std::size_t, NormalizedString piece) {
        matches.clear();
        find(piece.normalized(), filter, matches);
        return cut(std::move(piece), matches);
    });
    result.split([&](std::size_t, NormalizedString piece) {
        if (normalizer != nullptr) normalizer->normalize(piece);
        matches.clear();
        find_normalized(piece.normalized(), filter, matches);
        return cut(std::move(piece), matches);
    });
    return result;
}

}  // namespace tokmill::stages
