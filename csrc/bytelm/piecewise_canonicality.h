// Canonical sequences of a model that encodes the pieces of a pre-tokenizer one by one, from those
// of a single piece.
//
// Where pieces begin may depend on text that is still to come (boundary_automaton.h). So a state
// holds hypotheses: what the current piece consists of, and how its text may go on. They die as
// soon as no text is left that is cut that way and encoded like this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "bytelm/boundary_tokens.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"

namespace tokmill::bytelm {

class PiecewiseCanonicality final : public Canonicality {
 public:
    // `within`: of the tokens of a piece, which may end behind any token that is not one of
    // `unfinished`. `vocabulary` must outlive this.
    PiecewiseCanonicality(ByteVocabulary const& vocabulary,
                          std::unique_ptr<Canonicality const> within, TokenSet unfinished,
                          std::unique_ptr<BoundaryAutomaton const> boundaries);

    StatePtr start() const override;
    bool allows(State const& state, std::uint32_t place) const override;
    TokenSet allowed(State const& state) const override;
    StatePtr append(State const& state, std::uint32_t place) const override;
    bool may_end(State const& state) const override;

 private:
    struct Hypothesis {
        StatePtr piece;  // null: nothing was read yet
        BoundaryAutomaton::State boundary;
    };
    struct PiecewiseState;

    static std::vector<Hypothesis> const& of(State const& state);

    bool follow(Hypothesis const& from, bool mark, std::uint32_t place, Hypothesis& to) const;
    TokenSet followers(Hypothesis const& from, bool mark) const;
    bool may_begin_piece(Hypothesis const& hypothesis) const;
    bool is_end(Hypothesis const& hypothesis) const;
    bool is_alive(Hypothesis const& hypothesis) const;
    bool search_end(Hypothesis const& hypothesis, std::size_t depth, std::size_t& budget) const;

    ByteVocabulary const& vocabulary_;
    std::unique_ptr<Canonicality const> within_;
    TokenSet unfinished_;
    std::unique_ptr<BoundaryAutomaton const> boundaries_;
    BoundaryTokens sets_;
    StatePtr piece_start_;
    TokenSet piece_starts_;  // tokens that a piece may begin with
};

}  // namespace tokmill::bytelm
