#include "bytelm/piecewise_canonicality.h"

#include <bit>
#include <utility>

namespace tokmill::bytelm {

namespace {

// How many tokens are tried before a piece that cannot end at once is taken for impossible. What
// pre-tokenizers look for ahead is a character or two.
constexpr std::size_t kSearchBudget = 1u << 14;
constexpr std::size_t kSearchDepth = 8;

// Until `visit(place)` is false.
template <class Visit>
bool for_each_bit(std::uint64_t bits, std::size_t first_place, Visit const& visit) {
    for (; bits != 0; bits &= bits - 1) {
        auto const bit = static_cast<std::size_t>(std::countr_zero(bits));
        if (!visit(static_cast<std::uint32_t>(first_place + bit))) return false;
    }
    return true;
}

template <class Visit>
void for_each(TokenSet const& tokens, Visit const& visit) {
    std::vector<std::uint64_t> const& words = tokens.words();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!for_each_bit(words[i], 64 * i, visit)) return;
    }
}

}  // namespace

struct PiecewiseCanonicality::PiecewiseState final : State {
    std::vector<Hypothesis> hypotheses;
};

PiecewiseCanonicality::PiecewiseCanonicality(ByteVocabulary const& vocabulary,
                                             std::unique_ptr<Canonicality const> within,
                                             TokenSet unfinished,
                                             std::unique_ptr<BoundaryAutomaton const> boundaries)
    : vocabulary_(vocabulary),
      within_(std::move(within)),
      unfinished_(std::move(unfinished)),
      boundaries_(std::move(boundaries)),
      sets_(*boundaries_, vocabulary),
      piece_start_(within_->start()),
      piece_starts_(within_->allowed(*piece_start_)) {}

std::vector<PiecewiseCanonicality::Hypothesis> const& PiecewiseCanonicality::of(
    State const& state) {
    return static_cast<PiecewiseState const&>(state).hypotheses;
}

Canonicality::StatePtr PiecewiseCanonicality::start() const {
    auto state = std::make_shared<PiecewiseState>();
    state->hypotheses.push_back({nullptr, boundaries_->start()});
    return state;
}

bool PiecewiseCanonicality::may_begin_piece(Hypothesis const& hypothesis) const {
    return !hypothesis.piece || within_->may_end(*hypothesis.piece);
}

bool PiecewiseCanonicality::is_end(Hypothesis const& hypothesis) const {
    return may_begin_piece(hypothesis) && boundaries_->may_end(hypothesis.boundary);
}

// False if the token cannot follow at all; whether the text can go on behind it is not looked at.
bool PiecewiseCanonicality::follow(Hypothesis const& from, bool mark, std::uint32_t place,
                                   Hypothesis& to) const {
    if (mark ? !may_begin_piece(from) : !from.piece) return false;
    to.boundary = sets_.read(from.boundary, mark, place);
    if (to.boundary == BoundaryAutomaton::kDead) return false;
    State const& piece = mark ? *piece_start_ : *from.piece;
    if (mark ? !piece_starts_.contains(place) : !within_->allows(piece, place)) return false;
    to.piece = within_->append(piece, place);
    return true;
}

// All such tokens.
TokenSet PiecewiseCanonicality::followers(Hypothesis const& from, bool mark) const {
    if (mark ? !may_begin_piece(from) : !from.piece) return TokenSet(vocabulary_.places());
    TokenSet tokens = mark ? piece_starts_ : within_->allowed(*from.piece);
    tokens &= sets_.at(from.boundary, mark)->open;
    return tokens;
}

// Whether some text goes on that way.
bool PiecewiseCanonicality::is_alive(Hypothesis const& hypothesis) const {
    if (is_end(hypothesis)) return true;
    std::size_t budget = kSearchBudget;
    for (std::size_t depth = 1; depth <= kSearchDepth && budget > 0; ++depth) {
        if (search_end(hypothesis, depth, budget)) return true;
    }
    return false;
}

bool PiecewiseCanonicality::search_end(Hypothesis const& hypothesis, std::size_t depth,
                                       std::size_t& budget) const {
    for (bool const mark : {false, true}) {
        TokenSet const tokens = followers(hypothesis, mark);
        auto const sets = sets_.at(hypothesis.boundary, mark);
        TokenSet const& final = sets->final;
        bool found = false;
        for_each(tokens, [&](std::uint32_t place) {
            found = final.contains(place) && !unfinished_.contains(place);
            return !found;
        });
        if (found) return true;
        for_each(tokens, [&](std::uint32_t place) {
            if (budget == 0) return false;
            --budget;
            Hypothesis next;
            next.boundary = sets_.read(hypothesis.boundary, mark, place);
            next.piece = within_->append(mark ? *piece_start_ : *hypothesis.piece, place);
            found = is_end(next) || (depth > 1 && search_end(next, depth - 1, budget));
            return !found;
        });
        if (found) return true;
    }
    return false;
}

bool PiecewiseCanonicality::allows(State const& state, std::uint32_t place) const {
    for (Hypothesis const& from : of(state)) {
        for (bool const mark : {false, true}) {
            Hypothesis to;
            if (follow(from, mark, place, to) && is_alive(to)) return true;
        }
    }
    return false;
}

TokenSet PiecewiseCanonicality::allowed(State const& state) const {
    TokenSet allowed(vocabulary_.places());
    for (Hypothesis const& from : of(state)) {
        for (bool const mark : {false, true}) {
            TokenSet tokens = followers(from, mark);
            auto const sets = sets_.at(from.boundary, mark);
            TokenSet const& final = sets->final;
            std::vector<std::uint32_t> doomed;
            for (std::size_t i = 0; i < tokens.words().size(); ++i) {
                // Behind the others the text may end.
                std::uint64_t const in_question = tokens.words()[i] &
                                                  (~final.words()[i] | unfinished_.words()[i]) &
                                                  ~allowed.words()[i];
                for_each_bit(in_question, 64 * i, [&](std::uint32_t place) {
                    Hypothesis to;
                    if (!follow(from, mark, place, to) || !is_alive(to)) doomed.push_back(place);
                    return true;
                });
            }
            for (std::uint32_t const place : doomed) tokens.erase(place);
            allowed |= tokens;
        }
    }
    return allowed;
}

Canonicality::StatePtr PiecewiseCanonicality::append(State const& state,
                                                     std::uint32_t place) const {
    auto next = std::make_shared<PiecewiseState>();
    std::vector<Hypothesis>& hypotheses = next->hypotheses;
    for (Hypothesis const& from : of(state)) {
        Hypothesis to;
        if (follow(from, false, place, to) && is_alive(to)) hypotheses.push_back(to);
    }
    // All pieces that begin with this token are the same.
    Hypothesis begun{nullptr, BoundaryAutomaton::kDead};
    for (Hypothesis const& from : of(state)) {
        Hypothesis to;
        if (!follow(from, true, place, to) || !is_alive(to)) continue;
        bool const is_first = !begun.piece;
        begun.boundary = is_first ? to.boundary : boundaries_->unite(begun.boundary, to.boundary);
        begun.piece = to.piece;
    }
    if (begun.piece) hypotheses.push_back(begun);
    return next;
}

bool PiecewiseCanonicality::may_end(State const& state) const {
    for (Hypothesis const& hypothesis : of(state)) {
        if (is_end(hypothesis)) return true;
    }
    return false;
}

}  // namespace tokmill::bytelm
