// A text cut into pieces, each with its way back to the original (tokenizers' PreTokenizedString).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"
#include "normalizers/normalized_string.h"
#include "normalizers/normalizer.h"
#include "pipeline/definition.h"
#include "pipeline/encoding.h"
#include "regex/pattern.h"

namespace tokmill::stages {

struct Piece {
    NormalizedString text;
    std::optional<std::vector<Token>> tokens;  // set: finished, no stage touches it any more
};

// What offsets count. With `none` there is no way back at all: see PreTokenizedString::to_encoding.
enum class OffsetUnit : std::uint8_t { bytes, characters, none };

// A piece as it is shown to users.
struct PieceView {
    std::string_view text;
    Span offsets;
    std::vector<Token> const* tokens;  // null: not finished
};

class PreTokenizedString {
 public:
    PreTokenizedString() = default;
    explicit PreTokenizedString(std::string text)
        : PreTokenizedString(NormalizedString(std::move(text))) {}
    explicit PreTokenizedString(NormalizedString text);

    // Every unfinished piece is replaced by what `cut` makes of it; pieces without text are dropped
    // from its results. It gets the piece's number and the piece. If it throws, no piece is left.
    using Cut = std::function<std::vector<Piece>(std::size_t, NormalizedString)>;
    void split(Cut const& cut);
    // These two touch the unfinished pieces only.
    void normalize(Normalizer const& normalizer);
    void tokenize(Model const& model);

    std::string const& original() const noexcept { return original_; }
    std::vector<Piece>& pieces() noexcept { return pieces_; }
    std::vector<Piece> const& pieces() const noexcept { return pieces_; }

    // The pieces with their offsets in the original, or in the present text as if the pieces were
    // written one behind the other (where they are counted in characters as tokenizers counts them:
    // by the characters of the *original*).
    std::vector<PieceView> views(Referential in, OffsetUnit unit) const;

    // The tokens of all pieces with their offsets in the original. A token's word is `word`, or the
    // number of its piece. With OffsetUnit::none only the ids are real: texts are empty, offsets
    // and type ids zero, and there are no words. Throws Error(invalid_input) if a piece is
    // unfinished. Takes the texts of the tokens away.
    Encoding to_encoding(std::optional<std::uint32_t> word, std::uint32_t type_id,
                         OffsetUnit unit) &&;

 private:
    std::string original_;
    std::vector<Piece> pieces_;
};

// How a normalized text falls apart by the matches of a pattern; parts may be empty where matches
// are.
std::vector<NormalizedString> split_by_matches(NormalizedString const& text,
                                               std::vector<std::pair<Span, bool>> const& matches,
                                               SplitBehavior behavior);

}  // namespace tokmill::stages
