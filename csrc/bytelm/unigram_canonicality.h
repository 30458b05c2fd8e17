// Canonical sequences of Unigram: those that the best segmentation of their bytes is made of. Any
// beginning of one is canonical again (optimal substructure).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"

namespace tokmill::bytelm {

struct UnigramModel {
    // By id; minus infinity: never used. Those of special tokens and of tokens for bytes do not
    // matter. Of several tokens with the same bytes the last one that can be used counts.
    std::span<double const> scores;
    // Strings that the model takes for a piece, though no token stands for them: special tokens
    // whose names stand in a text. What spells them is never canonical.
    std::span<std::pair<std::string_view, double> const> unspoken;
    // The score of a character (of valid UTF-8) that is no piece; without one such a character
    // cannot be part of a text.
    std::optional<double> unknown_score;
    // The ids of the tokens that such characters are spelled with, by byte; without them no
    // canonical sequence has such a character in it.
    std::optional<std::array<std::uint32_t, 256>> byte_ids;
    // Code points that no text contains, since the normalizer replaces them.
    std::span<std::uint32_t const> absent_characters;
    // Sums of 32-bit floats as in SentencePiece, not of doubles as in tokenizers.
    bool single_precision = false;
};

// `vocabulary` must outlive the result; `boundaries`: null if a text is one piece. Throws
// Error(invalid_tokenizer) for scores that are not finite and not minus infinity, and for byte ids
// that are no tokens with bytes.
std::unique_ptr<Canonicality const> make_unigram_canonicality(
    ByteVocabulary const& vocabulary, UnigramModel const& model,
    std::unique_ptr<BoundaryAutomaton const> boundaries);

}  // namespace tokmill::bytelm
