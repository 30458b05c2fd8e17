// Canonical sequences of greedy longest match (maximum prefix encoding, WordPiece): at each place
// the longest token that the text goes on with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "bytelm/boundary_automaton.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"

namespace tokmill::bytelm {

struct GreedyModel {
    // By id, or empty for none: tokens that no text contains, so that nothing has to be longer than
    // they are.
    std::span<bool const> absent;
    // By id, or empty for none: tokens behind which a piece ends.
    std::span<bool const> closing;
    // Pieces of more characters are not encoded with tokens; 0: there is no limit.
    std::size_t max_characters = 0;
};

// Of several tokens with the same bytes the last one counts. `vocabulary` must outlive the result;
// `boundaries`: null if a text is one piece. Throws Error(invalid_tokenizer) if there are flags for
// another number of tokens.
std::unique_ptr<Canonicality const> make_greedy_canonicality(
    ByteVocabulary const& vocabulary, GreedyModel const& model,
    std::unique_ptr<BoundaryAutomaton const> boundaries);

}  // namespace tokmill::bytelm
