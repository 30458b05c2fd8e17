// What tiktoken's Encoding offers beyond encoding and decoding whole texts: single pieces, the
// vocabulary in the order of its bytes, and the possible continuations of a text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/lazy.h"
#include "pipeline/byte_level_tokenizer.h"

namespace tokmill {

class RankEncoder {
 public:
    using Ids = std::vector<std::uint32_t>;

    // Throws unsupported_tokenizer if the tokenizer does not follow tiktoken's rules.
    explicit RankEncoder(std::shared_ptr<Tokenizer const> tokenizer);

    Tokenizer const& tokenizer() const noexcept { return *tokenizer_; }

    // The ids of bytes that are one piece, whatever the pattern says. Appends.
    void encode_piece(std::string_view piece, Ids& ids) const;

    // The token that is exactly these bytes: an ordinary one, else a special one.
    std::optional<std::uint32_t> find_token(std::string_view bytes) const;

    // The ordinary tokens, sorted by their bytes. Made when first asked for.
    Ids const& sorted_tokens() const;

    // A text, valid UTF-8, that may go on: the ids that stay what they are, and, sorted, the
    // sequences of ids that may stand for what is behind them and its continuation.
    struct Unstable {
        Ids stable;
        std::vector<Ids> completions;
    };
    Unstable encode_unstable(std::string_view text, EncodeOptions const& options) const;

 private:
    // The same as encode_piece, but a piece that is a token as a whole is merged all the same.
    Ids merge_piece(std::string_view piece) const;
    // How many ids at the end of `ids`, those of `text`, what follows the text may change.
    std::size_t unstable_ids(std::string_view text, EncodeOptions const& options,
                             IdBuffer const& ids) const;
    bool is_blank(std::uint32_t id) const;
    // Calls visit(id) for the ordinary tokens that begin with `prefix`.
    template <class Visit>
    void for_tokens_with(std::string_view prefix, Visit const& visit) const;
    Ids reencode(std::string_view bytes, std::size_t wanted) const;
    std::vector<Ids> complete(std::string_view tail) const;

    std::shared_ptr<ByteLevelTokenizer const> tokenizer_;
    Lazy<Ids> sorted_tokens_;
};

}  // namespace tokmill
