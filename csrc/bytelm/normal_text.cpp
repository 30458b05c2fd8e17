#include "bytelm/normal_text.h"

#include <algorithm>
#include <array>
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

// Where a string is absent.
enum Where : std::uint32_t { kAnywhere, kAtEnd };

UnigramAutomaton automaton_of(NormalText const& normal) {
    std::vector<UnigramPiece> pieces;
    auto const add = [&](std::span<std::string_view const> strings, Where where) {
        for (std::string_view const string : strings) {
            if (string.empty()) {
                throw Error(ErrorKind::invalid_tokenizer,
                            "the empty string is absent from no text");
            }
            pieces.push_back({string, 0, where});
        }
    };
    add(normal.absent, kAnywhere);
    add(normal.absent_at_end, kAtEnd);
    auto const before = [](auto const& a, auto const& b) {
        return std::pair(a.bytes, a.place) < std::pair(b.bytes, b.place);
    };
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
    bool is_inside_character = false;
};

NormalTextCanonicality::NormalTextCanonicality(ByteVocabulary const& vocabulary,
                                               std::unique_ptr<Canonicality const> within,
                                               NormalText const& normal)
    : vocabulary_(vocabulary),
      within_(std::move(within)),
      strings_(automaton_of(normal)),
      tokens_(vocabulary.places()),
      unfinished_(vocabulary.places()) {
    look_at_nodes();
    std::array<bool, 256> ends{};  // that a string may have that is absent at the end
    for (std::string_view const string : normal.absent_at_end) {
        ends[static_cast<unsigned char>(string.back())] = true;
    }
    for (std::uint32_t place = 0; place < vocabulary.places(); ++place) {
        std::string_view const bytes = vocabulary.bytes(place);
        Node node = UnigramAutomaton::kRoot;
        if (read(node, bytes)) tokens_.insert(place);
        bool const may_be_no_end = ends[static_cast<unsigned char>(bytes.back())];
        if (may_be_no_end || ends_inside_character(bytes)) unfinished_.insert(place);
    }
}

void NormalTextCanonicality::look_at_nodes() {
    is_absent_.assign(strings_.node_count(), false);
    is_no_end_.assign(strings_.node_count(), false);
    for (Node node = 1; node < strings_.node_count(); ++node) {
        // Suffixes are shorter, so they come first.
        Node const suffix = strings_.suffix(node);
        is_absent_[node] = is_absent_[suffix];
        is_no_end_[node] = is_no_end_[suffix];
        if (!strings_.is_piece(node)) continue;
        (strings_.place(node) == kAnywhere ? is_absent_ : is_no_end_)[node] = true;
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
        node = strings_.next(node, static_cast<unsigned char>(c));
        if (is_absent_[node]) return false;
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
        Node child = strings_.first_child(visit.open);
        for (unsigned char const byte : strings_.child_bytes(visit.open)) {
            ByteVocabulary::Node const token = vocabulary_.child(visit.token, byte);
            if (token != ByteVocabulary::kNoNode) {
                if (is_absent_[child]) {
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
    for (Node node = state.node; node != UnigramAutomaton::kRoot; node = strings_.suffix(node)) {
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
    next.is_inside_character = ends_inside_character(bytes) && !within_->may_end(*next.within);
    return next;
}

bool NormalTextCanonicality::is_alive(NormalState const& state) const {
    if (may_end(state)) return true;
    // The quick way, where it is one.
    if (state.is_inside_character && may_finish_character(state)) return true;
    std::size_t budget = kSearchBudget;
    for (std::size_t depth = 1; depth <= kSearchDepth && budget > 0; ++depth) {
        if (search_end(state, depth, budget)) return true;
    }
    return false;
}

bool NormalTextCanonicality::may_finish_character(NormalState const& state) const {
    for (unsigned byte = 0x80; byte < 0xC0; ++byte) {
        auto const node =
            vocabulary_.child(ByteVocabulary::kRoot, static_cast<unsigned char>(byte));
        if (node == ByteVocabulary::kNoNode) continue;
        auto const range = vocabulary_.range(node);
        for (std::uint32_t place = range.begin; place < range.end; ++place) {
            if (can_follow(state, place) && is_alive(follow(state, place))) return true;
        }
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

// Whether the text can go on behind it is not looked at.
bool NormalTextCanonicality::can_follow(NormalState const& state, std::uint32_t place) const {
    Node node = state.node;
    return read(node, vocabulary_.bytes(place)) && within_->allows(*state.within, place);
}

// Whether it can, behind a token that can follow.
bool NormalTextCanonicality::leads_on(NormalState const& state, std::uint32_t place) const {
    if (!unfinished_.contains(place)) return true;
    std::string_view const bytes = vocabulary_.bytes(place);
    Node node = state.node;
    read(node, bytes);
    return (!is_no_end_[node] && !ends_inside_character(bytes)) || is_alive(follow(state, place));
}

bool NormalTextCanonicality::allows(State const& state, std::uint32_t place) const {
    return can_follow(of(state), place) && leads_on(of(state), place);
}

TokenSet NormalTextCanonicality::allowed(State const& state) const {
    TokenSet tokens = followers(of(state));
    TokenSet in_question = tokens;
    in_question &= unfinished_;
    for_each(in_question, [&](std::uint32_t place) {
        if (!leads_on(of(state), place)) tokens.erase(place);
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
    return !is_no_end_[at.node] && within_->may_end(*at.within);
}

}  // namespace tokmill::bytelm
