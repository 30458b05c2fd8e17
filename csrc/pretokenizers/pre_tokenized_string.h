// A text cut into pieces, each with its way back to the original (tokenizers' PreTokenizedString).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"
#include "normalizers/normalized_string.h"
#include "normalizers/normalizer.h"
#include "pipeline/definition.h"
#include "regex/pattern.h"

namespace tokmill::stages {

struct Piece {
    NormalizedString text;
    std::optional<std::vector<Token>> tokens;  // set: finished, no stage touches it any more
};

// How a normalized piece falls apart.
// Cuts by the matches of a pattern; empty parts are left out only where tokenizers does so.
std::vector<NormalizedString> split_by_matches(NormalizedString const& text,
                                               std::vector<std::pair<Span, bool>> const& matches,
                                               SplitBehavior behavior);

class PreTokenizedString {
 public:
    PreTokenizedString() = default;
    explicit PreTokenizedString(std::string text) : PreTokenizedString(NormalizedString(std::move(text))) {}
    explicit PreTokenizedString(NormalizedString text);

    // Every unfinished piece is replaced by what `cut` makes of it (empty results dropped). It gets
    // the piece's number and the piece.
    using Cut = std::function<std::vector<Piece>(std::size_t, NormalizedString)>;
    void split(Cut const& cut);
    void normalize(Normalizer const& normalizer);
    void tokenize(Model const& model);

    std::string const& original() const noexcept { return original_; }
    std::vector<Piece>& pieces() noexcept { return pieces_; }
    std::vector<Piece> const& pieces() const noexcept { return pieces_; }

 private:
    std::string original_;
    std::vector<Piece> pieces_;
};

}  // namespace tokmill::stages
