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

// The form that is looked for and that a decoder gets. One kept from before stays if it is not
// replaced.
template <class Entry>
void normalize(Entry& entry, Normalizer const* normalizer) {
    if (!entry.token.normalized || normalizer == nullptr) return;
    std::string normalized = entry.token.content;
    normalizer->normalize(normalized);
    if (normalized != entry.token.content) entry.normalized = std::move(normalized);
}

}  // namespace

void AddedVocabulary::Layer::take(Layer const& later) {
    ids.insert(later.ids.begin(), later.ids.end());
    for (auto const& [id, entry] : later.entries) entries.insert_or_assign(id, entry);
    special_contents.insert(later.special_contents.begin(), later.special_contents.end());
}

// Each token is copied once for every doubling of the layer that it is in.
void AddedVocabulary::push(Layer layer) {
    auto merged = std::make_shared<Layer>(std::move(layer));
    while (!layers_.empty() && layers_.back()->entries.size() <= 2 * merged->entries.size()) {
        auto below = std::make_shared<Layer>(*layers_.back());
        below->take(*merged);
        merged = std::move(below);
        layers_.pop_back();
    }
    layers_.push_back(std::move(merged));
}

std::uint32_t AddedVocabulary::next_id(Model const& model) const {
    auto const size = static_cast<std::uint32_t>(model.vocab_size());
    if (empty() || (largest_id_ < size && size != 0)) return size;
    return largest_id_ == kNoId ? kNoId : largest_id_ + 1;
}

std::size_t AddedVocabulary::add(std::vector<AddedToken> tokens, Model const& model,
                                 Normalizer const* normalizer) {
    std::uint32_t next = next_id(model);
    std::size_t added = 0;
    Layer layer;
    for (AddedToken& token : tokens) {
        if (token.content.empty()) continue;
        auto const found = layer.ids.find(token.content);
        std::optional<std::uint32_t> id =
            found != layer.ids.end() ? found->second : token_to_id(token.content);
        bool const is_known = id.has_value();
        if (!id) id = model.token_to_id(token.content);
        if (!id) {
            if (next == kNoId) {
                throw Error(ErrorKind::invalid_tokenizer, "added tokens: no id is left");
            }
            id = next++;
        }
        token.id = *id;
        auto const own = layer.entries.find(*id);
        Entry const* const earlier = own != layer.entries.end() ? &own->second : entry(*id);
        if (is_known && earlier->token == token) continue;
        Entry changed{std::move(token), earlier ? earlier->normalized : std::nullopt};
        normalize(changed, normalizer);
        std::string const& content = changed.token.content;
        if (!is_known) layer.ids.emplace(content, *id);
        if (changed.token.special && !is_special(content)) layer.special_contents.insert(content);
        layer.entries.insert_or_assign(*id, std::move(changed));
        ++added;
    }
    if (added == 0) return 0;
    forget_matchers();
    size_ += layer.ids.size();
    for (auto const& [id, entry] : layer.entries) largest_id_ = std::max(largest_id_, id);
    push(std::move(layer));
    return added;
}

void AddedVocabulary::renormalize(Normalizer const* normalizer) {
    if (empty()) return;
    Layer all;
    for (LayerPtr const& layer : layers_) all.take(*layer);
    for (auto& [id, entry] : all.entries) {
        entry.normalized.reset();
        normalize(entry, normalizer);
    }
    forget_matchers();
    layers_.clear();
    push(std::move(all));
}

AddedVocabulary::Entry const* AddedVocabulary::entry(std::uint32_t id) const {
    for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
        auto const found = (*layer)->entries.find(id);
        if (found != (*layer)->entries.end()) return &found->second;
    }
    return nullptr;
}

std::vector<AddedVocabulary::Entry const*> AddedVocabulary::entries() const {
    std::vector<Entry const*> result;
    for (LayerPtr const& layer : layers_) {
        for (auto const& [id, own] : layer->entries) {
            if (entry(id) == &own) result.push_back(&own);
        }
    }
    return result;
}

std::vector<AddedToken> AddedVocabulary::tokens() const {
    std::vector<AddedToken> result;
    for (Entry const* const entry : entries()) result.push_back(entry->token);
    std::sort(result.begin(), result.end(),
              [](AddedToken const& a, AddedToken const& b) { return a.id < b.id; });
    return result;
}

std::vector<std::pair<std::string_view, std::uint32_t>> AddedVocabulary::ids() const {
    std::vector<std::pair<std::string_view, std::uint32_t>> result;
    result.reserve(size_);
    for (LayerPtr const& layer : layers_) {
        for (auto const& [content, id] : layer->ids) result.emplace_back(content, id);
    }
    return result;
}

std::optional<std::uint32_t> AddedVocabulary::token_to_id(std::string_view content) const {
    for (LayerPtr const& layer : layers_) {
        auto const found = layer->ids.find(content);
        if (found != layer->ids.end()) return found->second;
    }
    return std::nullopt;
}

std::string const* AddedVocabulary::id_to_token(std::uint32_t id) const {
    Entry const* const found = entry(id);
    if (found == nullptr) return nullptr;
    return found->normalized ? &*found->normalized : &found->token.content;
}

bool AddedVocabulary::is_special(std::string_view token) const {
    return std::any_of(layers_.begin(), layers_.end(), [&](LayerPtr const& layer) {
        return layer->special_contents.find(token) != layer->special_contents.end();
    });
}

AddedVocabulary::Matchers AddedVocabulary::make_matchers() const {
    std::vector<AddedToken> plain, normalized;
    for (Entry const* const entry : entries()) {
        AddedToken token = entry->token;
        // What was special once stays special.
        token.special = is_special(token.content);
        if (token.normalized && entry->normalized) token.content = *entry->normalized;
        (token.normalized ? normalized : plain).push_back(std::move(token));
    }
    drop_twins(normalized);
    return {AddedTokenMatcher(std::move(plain), Reference::hf_tokenizers),
            AddedTokenMatcher(std::move(normalized), Reference::hf_tokenizers)};
}

void AddedVocabulary::find(std::string_view text, Filter const& filter,
                           std::vector<AddedTokenMatch>& matches) const {
    if (!empty()) matchers().plain.find_all(text, filter, matches);
}

void AddedVocabulary::find_normalized(std::string_view text, Filter const& filter,
                                      std::vector<AddedTokenMatch>& matches) const {
    if (!empty()) matchers().normalized.find_all(text, filter, matches);
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
