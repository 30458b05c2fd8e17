#include "bytelm/greedy_canonicality.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "bytelm/piecewise_canonicality.h"
#include "core/error.h"
#include "core/utf8_decode.h"

namespace tokmill::bytelm {

namespace {

constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

void erase_range(TokenSet& tokens, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t place = begin; place < end; ++place) tokens.erase(place);
}

// A text is one piece. Where some token began that a longer one begins with, the text must not go
// on with the rest of the longer one: such rests are kept as nodes of the trie.
class GreedyCanonicality final : public Canonicality {
 public:
    GreedyCanonicality(ByteVocabulary const& vocabulary, GreedyModel const& model)
        : vocabulary_(vocabulary),
          tokens_(vocabulary.places()),
          closing_(vocabulary.places()),
          characters_(vocabulary.places()),
          max_characters_(model.max_characters != 0 ? model.max_characters
                                                    : std::numeric_limits<std::size_t>::max()),
          nodes_(vocabulary.node_count()) {
        for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
            std::uint32_t const id = vocabulary.id(place);
            if (!model.closing.empty() && model.closing[id]) closing_.insert(place);
            for (char const c : vocabulary.bytes(place)) {
                characters_[place] += !is_continuation(static_cast<unsigned char>(c));
            }
            most_characters_ = std::max<std::size_t>(most_characters_, characters_[place]);
        }
        look_at_nodes(model);
    }

    StatePtr start() const override { return std::make_shared<GreedyState const>(GreedyState{}); }

    bool allows(State const& state, std::uint32_t place) const override {
        GreedyState const& from = of(state);
        if (from.is_closed || !tokens_.contains(place)) return false;
        if (characters_[place] > max_characters_ - from.characters) return false;
        return std::none_of(from.open.begin(), from.open.end(), [&](Node node) {
            return read(node, vocabulary_.bytes(place)) == kLonger;
        });
    }

    TokenSet allowed(State const& state) const override {
        GreedyState const& from = of(state);
        if (from.is_closed) return TokenSet(vocabulary_.places());
        TokenSet tokens = tokens_;
        for (Node const node : from.open) erase_rests(node, tokens);
        std::size_t const room = max_characters_ - from.characters;
        if (most_characters_ > room) {
            for (std::uint32_t place = 0; place < characters_.size(); ++place) {
                if (characters_[place] > room) tokens.erase(place);
            }
        }
        return tokens;
    }

    StatePtr append(State const& state, std::uint32_t place) const override {
        GreedyState const& from = of(state);
        auto next = std::make_shared<GreedyState>();
        next->is_closed = closing_.contains(place);
        next->characters = from.characters + characters_[place];
        if (next->is_closed) return next;
        std::string_view const bytes = vocabulary_.bytes(place);
        for (Node const node : from.open) {
            Node const behind = read(node, bytes);
            if (behind < kLonger) next->open.push_back(behind);
        }
        Node node = ByteVocabulary::kRoot;
        for (char const c : bytes) node = vocabulary_.child(node, static_cast<unsigned char>(c));
        if (nodes_[node].has_longer) next->open.push_back(node);
        return next;
    }

    bool may_end(State const&) const override { return true; }

 private:
    using Node = ByteVocabulary::Node;
    static constexpr Node kNoLonger = ByteVocabulary::kNoNode;
    static constexpr Node kLonger = kNoLonger - 1;

    struct GreedyState final : State {
        std::vector<Node> open;
        std::size_t characters = 0;
        bool is_closed = false;
    };
    struct NodeData {
        bool is_token = false;
        bool has_longer = false;
    };

    static GreedyState const& of(State const& state) {
        return static_cast<GreedyState const&>(state);
    }

    void look_at_nodes(GreedyModel const& model) {
        for (Node node = static_cast<Node>(nodes_.size()); node-- > 0;) {
            auto const range = vocabulary_.range(node);
            std::uint32_t last = kNoPlace;
            for (std::uint32_t place = range.begin; place < range.longer; ++place) {
                if (model.absent.empty() || !model.absent[vocabulary_.id(place)]) last = place;
            }
            if (node != ByteVocabulary::kRoot && last != kNoPlace) {
                nodes_[node].is_token = true;
                tokens_.insert(last);
            }
            for (auto const& [byte, child] : vocabulary_.children(node)) {
                nodes_[node].has_longer |= nodes_[child].is_token || nodes_[child].has_longer;
            }
        }
    }

    // kLonger: a longer token has come out; kNoLonger: none can any more.
    Node read(Node node, std::string_view bytes) const {
        for (char const c : bytes) {
            node = vocabulary_.child(node, static_cast<unsigned char>(c));
            if (node == ByteVocabulary::kNoNode) return kNoLonger;
            if (nodes_[node].is_token) return kLonger;
            if (!nodes_[node].has_longer) return kNoLonger;
        }
        return node;
    }

    // Tokens that begin with what a longer token has behind the node.
    void erase_rests(Node open, TokenSet& tokens) const {
        struct Visit {
            Node open, rest;
        };
        std::vector<Visit> visits{{open, ByteVocabulary::kRoot}};
        while (!visits.empty()) {
            Visit const visit = visits.back();
            visits.pop_back();
            for (auto const& [byte, child] : vocabulary_.children(visit.open)) {
                NodeData const& data = nodes_[child];
                if (!data.is_token && !data.has_longer) continue;
                Node const rest = vocabulary_.child(visit.rest, byte);
                if (rest == ByteVocabulary::kNoNode) continue;
                if (data.is_token) {
                    auto const range = vocabulary_.range(rest);
                    erase_range(tokens, range.begin, range.end);
                } else {
                    visits.push_back({child, rest});
                }
            }
        }
    }

    ByteVocabulary const& vocabulary_;
    TokenSet tokens_;  // those that longest match gives at all
    TokenSet closing_;
    std::vector<std::uint32_t> characters_;  // by place
    std::size_t most_characters_ = 0;
    std::size_t max_characters_;
    std::vector<NodeData> nodes_;
};

}  // namespace

std::unique_ptr<Canonicality const> make_greedy_canonicality(
    ByteVocabulary const& vocabulary, GreedyModel const& model,
    std::unique_ptr<BoundaryAutomaton const> boundaries) {
    for (auto const flags : {model.absent, model.closing}) {
        if (!flags.empty() && flags.size() != vocabulary.id_count()) {
            throw Error(ErrorKind::invalid_tokenizer,
                        "there are flags for " + std::to_string(flags.size()) + " of " +
                            std::to_string(vocabulary.id_count()) + " tokens");
        }
    }
    auto within = std::make_unique<GreedyCanonicality>(vocabulary, model);
    if (!boundaries) return within;
    return std::make_unique<PiecewiseCanonicality>(
        vocabulary, std::move(within), TokenSet(vocabulary.places()), std::move(boundaries));
}

}  // namespace tokmill::bytelm
