#include "bytelm/normal_text.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "bytelm/utf8_prefix.h"
#include "core/error.h"

namespace tokmill::bytelm {

namespace {

// How many tokens are tried before a text that cannot end at once is taken for impossible. What is
// absent from normal texts forces no more than the next character or two.
constexpr std::size_t kSearchBudget = 1u << 14;
constexpr std::size_t kSearchDepth = 8;

UnigramAutomaton automaton_of(std::span<std::string_view const> strings) {
    std::vector<UnigramPiece> pieces;
    for (std::string_view const string : strings) {
        if (string.empty()) {
            throw Error(ErrorKind::invalid_tokenizer, "the empty string is absent from no text");
        }
        pieces.push_back({string, 0, 0});
    }
    auto const before = [](auto const& a, auto const& b) { return a.bytes < b.bytes; };
    auto const same = [](auto const& a, auto const& b) { return a.bytes == b.bytes; };
    std::sort(pieces.begin(), pieces.end(), before);
    pieces.erase(std::unique(pieces.begin(), pieces.end(), same), pieces.end());
    return UnigramAutomaton(pieces);
}

bool ends_inside_character(std::string_view bytes) {
    RecentBytes recent = 0;
    for (std::size_t size = 1; size <= std::min<std::size_t>(bytes.size(), 3); ++size) {
        auto const byte = static_cast<unsigned char>(bytes[bytes.size() - size]);
        recent |= RecentBytes{byte} << 8 * (size - 1);
        if ((byte & 0xC0) != 0x80) return utf8_size(byte) > size;
    }
    return bytes.size() < 4 && (recent & 0xC0) == 0x80;
}

template <class Visit>
void for_each(TokenSet const& tokens, Visit const& visit) {
    std::vector<std::uint64_t> const& words = tokens.words();
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (std::uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
            auto const bit = static_cast<std::size_t>(std::countr_zero(rest));
            if (!visit(static_cast<std::uint32_t>(64 * i + bit))) return;
        }
    }
}

}  // namespace

struct NormalTextCanonicality::NormalState final : State {
    StatePtr within;
    Node node = UnigramAutomaton::kRoot;  // what a string that is absent may have begun with
    bool ends_with_space = false;
};

NormalTextCanonicality::NormalTextCanonicality(ByteVocabulary const& vocabulary,
                                               std::unique_ptr<Canonicality const> within,
                                               NormalText const& normal)
    : vocabulary_(vocabulary),
      within_(std::move(within)),
      absent_(automaton_of(normal.absent)),
      may_end_with_space_(normal.may_end_with_space),
      tokens_(vocabulary.places()),
      unfinished_(vocabulary.places()) {
    for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
        std::string_view const bytes = vocabulary.bytes(place);
        Node node = UnigramAutomaton::kRoot;
        if (read(node, bytes)) tokens_.insert(place);
        bool const must_go_on = !may_end_with_space_ && bytes.back() == ' ';
        if (must_go_on || ends_inside_character(bytes)) unfinished_.insert(place);
    }
}

NormalTextCanonicality::NormalState const& NormalTextCanonicality::of(State const& state) {
    return static_cast<NormalState const&>(state);
}

Canonicality::StatePtr NormalTextCanonicality::start() const {
    auto state = std::make_shared<NormalState>();
    state->within = within_->start();
    return state;
}

// False if one of the strings has come out.
bool NormalTextCanonicality::read(Node& node, std::string_view bytes) const {
    for (char const c : bytes) {
        node = absent_.next(node, static_cast<unsigned char>(c));
        if (absent_.longest_piece(node) != UnigramAutomaton::kRoot) return false;
    }
    return true;
}

// Tokens that complete a string of which the text has the beginning.
void NormalTextCanonicality::erase_completions(Node open, TokenSet& tokens) const {
    struct Visit {
        Node open;
        ByteVocabulary::Node token;
    };
    std::vector<Visit> visits{{open, ByteVocabulary::kRoot}};
    while (!visits.empty()) {
        Visit const visit = visits.back();
        visits.pop_back();
        Node child = absent_.first_child(visit.open);
        for (unsigned char const byte : absent_.child_bytes(visit.open)) {
            ByteVocabulary::Node const token = vocabulary_.child(visit.token, byte);
            if (token != ByteVocabulary::kNoNode) {
                if (absent_.is_piece(child)) {
                    auto const range = vocabulary_.range(token);
                    for (auto place = range.begin; place < range.end; ++place) tokens.erase(place);
                } else {
                    visits.push_back({child, token});
                }
            }
            ++child;
        }
    }
}

// Whether the text can go on behind them is not looked at.
TokenSet NormalTextCanonicality::followers(NormalState const& state) const {
    TokenSet tokens = within_->allowed(*state.within);
    tokens &= tokens_;
    for (Node node = state.node; node != UnigramAutomaton::kRoot; node = absent_.suffix(node)) {
        erase_completions(node, tokens);
    }
    return tokens;
}

NormalTextCanonicality::NormalState NormalTextCanonicality::follow(NormalState const& state,
                                                                   std::uint32_t place) const {
    NormalState next = state;
    std::string_view const bytes = vocabulary_.bytes(place);
    read(next.node, bytes);
    next.within = within_->append(*state.within, place);
    next.ends_with_space = bytes.back() == ' ';
    return next;
}

bool NormalTextCanonicality::is_alive(NormalState const& state) const {
    if (may_end(state)) return true;
    std::size_t budget = kSearchBudget;
    for (std::size_t depth = 1; depth <= kSearchDepth && budget > 0; ++depth) {
        if (search_end(state, depth, budget)) return true;
    }
    return false;
}

bool NormalTextCanonicality::search_end(NormalState const& state, std::size_t depth,
                                        std::size_t& budget) const {
    bool found = false;
    for_each(followers(state), [&](std::uint32_t place) {
        if (budget == 0) return false;
        --budget;
        NormalState const next = follow(state, place);
        found = may_end(next) || (depth > 1 && search_end(next, depth - 1, budget));
        return !found;
    });
    return found;
}

bool NormalTextCanonicality::allows(State const& state, std::uint32_t place) const {
    NormalState const& from = of(state);
    Node node = from.node;
    if (!read(node, vocabulary_.bytes(place)) || !within_->allows(*from.within, place)) {
        return false;
    }
    return !unfinished_.contains(place) || is_alive(follow(from, place));
}

TokenSet NormalTextCanonicality::allowed(State const& state) const {
    NormalState const& from = of(state);
    TokenSet tokens = followers(from);
    TokenSet in_question = tokens;
    in_question &= unfinished_;
    for_each(in_question, [&](std::uint32_t place) {
        if (!is_alive(follow(from, place))) tokens.erase(place);
        return true;
    });
    return tokens;
}

Canonicality::StatePtr NormalTextCanonicality::append(State const& state,
                                                      std::uint32_t place) const {
    return std::make_shared<NormalState const>(follow(of(state), place));
}

bool NormalTextCanonicality::may_end(State const& state) const {
    NormalState const& at = of(state);
    return (may_end_with_space_ || !at.ends_with_space) && within_->may_end(*at.within);
}

}  // namespace tokmill::bytelm
