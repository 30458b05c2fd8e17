#include "bytelm/added_token_canonicality.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace tokmill::bytelm {
namespace {

ByteVocabulary collect_strings(ByteVocabulary const& vocabulary,
                               std::span<std::uint32_t const> places) {
    std::vector<std::optional<std::string_view>> strings;
    for (std::uint32_t const place : places) strings.emplace_back(vocabulary.bytes(place));
    return ByteVocabulary(strings);
}

}  // namespace

struct AddedTokenCanonicality::AddedState final : Canonicality::State {
    AddedState(StatePtr inner, Search all) : between(std::move(inner)), search(std::move(all)) {}

    StatePtr between;  // since the last added token
    Search search;
};

AddedTokenCanonicality::AddedTokenCanonicality(ByteVocabulary const& vocabulary,
                                               std::unique_ptr<Canonicality const> between,
                                               std::span<std::uint32_t const> added)
    : vocabulary_(&vocabulary),
      between_(std::move(between)),
      added_(added.begin(), added.end()),
      is_added_(vocabulary.places()),
      strings_(collect_strings(vocabulary, added)),
      clean_(vocabulary.places()) {
    for (std::uint32_t const place : added) is_added_[place] = true;
    for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
        if (is_added_[place]) continue;
        bool clean = true;
        std::string_view const bytes = vocabulary.bytes(place);
        for (std::size_t at = 0; clean && at < bytes.size(); ++at)
            clean = !begins(bytes.substr(at));
        if (clean) {
            clean_.insert(place);
        } else {
            unclean_.push_back(place);
        }
    }
}

AddedTokenCanonicality::AddedState const& AddedTokenCanonicality::of(State const& state) {
    return static_cast<AddedState const&>(state);
}

bool AddedTokenCanonicality::is_string(Node node) const noexcept {
    ByteVocabulary::Range const range = strings_.range(node);
    return range.begin != range.longer;
}

// Whether the text begins with a string.
bool AddedTokenCanonicality::begins(std::string_view text) const noexcept {
    Node node = ByteVocabulary::kRoot;
    for (char const c : text) {
        node = strings_.child(node, static_cast<unsigned char>(c));
        if (node == ByteVocabulary::kNoNode) return false;
        if (is_string(node)) return true;
    }
    return false;
}

bool AddedTokenCanonicality::advance(Search& search, unsigned char byte) const {
    search.text.add(byte);
    if (search.text.is_broken()) search.threats.clear();
    std::vector<Node> next;
    for (Node const threat : search.threats) {
        Node const node = strings_.child(threat, byte);
        if (node == ByteVocabulary::kNoNode) continue;
        if (is_string(node)) return false;
        next.push_back(node);
    }
    search.threats = std::move(next);
    return true;
}

// An added token is found where it begins: of the strings that begin there only longer ones matter,
// and none that begins inside.
bool AddedTokenCanonicality::read(Search& search, std::uint32_t place) const {
    bool const added = is_added_[place];
    Node whole = ByteVocabulary::kRoot;
    for (char const c : vocabulary_->bytes(place)) {
        auto const byte = static_cast<unsigned char>(c);
        if (!added) search.threats.push_back(ByteVocabulary::kRoot);
        if (!advance(search, byte)) return false;
        if (added) whole = strings_.child(whole, byte);
    }
    if (added && search.text.is_broken()) return false;
    if (added) search.threats.push_back(whole);
    std::ranges::sort(search.threats);
    auto const rest = std::ranges::unique(search.threats);
    search.threats.erase(rest.begin(), rest.end());
    return true;
}

Canonicality::StatePtr AddedTokenCanonicality::start() const {
    return std::make_shared<AddedState const>(between_->start(), Search{});
}

bool AddedTokenCanonicality::allows(State const& state, std::uint32_t place) const {
    AddedState const& from = of(state);
    Search search = from.search;
    if (!read(search, place)) return false;
    return is_added_[place] ? between_->may_end(*from.between)
                            : between_->allows(*from.between, place);
}

// Tokens that begin with the rest of a string complete it.
void AddedTokenCanonicality::forbid_completions(Node threat, TokenSet& tokens) const {
    std::vector<std::pair<Node, Node>> open{{threat, ByteVocabulary::kRoot}};
    while (!open.empty()) {
        auto const [string, node] = open.back();
        open.pop_back();
        for (auto const& [byte, further] : strings_.children(string)) {
            Node const below = vocabulary_->child(node, byte);
            if (below == ByteVocabulary::kNoNode) continue;
            if (!is_string(further)) {
                open.emplace_back(further, below);
                continue;
            }
            ByteVocabulary::Range const range = vocabulary_->range(below);
            for (std::uint32_t place = range.begin; place < range.end; ++place) {
                tokens.erase(place);
            }
        }
    }
}

TokenSet AddedTokenCanonicality::allowed(State const& state) const {
    AddedState const& from = of(state);
    TokenSet tokens = between_->allowed(*from.between);
    for (std::uint32_t const place : added_) tokens.erase(place);
    if (from.search.text.is_broken()) return tokens;
    tokens &= clean_;
    for (Node const threat : from.search.threats) forbid_completions(threat, tokens);
    for (auto const* const places : {&unclean_, &added_}) {
        for (std::uint32_t const place : *places) {
            if (allows(state, place)) tokens.insert(place);
        }
    }
    return tokens;
}

Canonicality::StatePtr AddedTokenCanonicality::append(State const& state,
                                                      std::uint32_t place) const {
    AddedState const& from = of(state);
    Search search = from.search;
    read(search, place);
    return std::make_shared<AddedState const>(
        is_added_[place] ? between_->start() : between_->append(*from.between, place),
        std::move(search));
}

bool AddedTokenCanonicality::may_end(State const& state) const {
    return between_->may_end(*of(state).between);
}

}  // namespace tokmill::bytelm
