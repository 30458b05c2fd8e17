// Canonical sequences of a tokenizer that looks for added tokens in a text before anything else.
//
// Of the strings that are looked for, the one that begins first is taken, of those the longest, and
// the search goes on behind it. So a sequence is canonical if the tokens between added ones are so
// by themselves, as complete texts, and if no string was overlooked: none that begins in between,
// and none that begins like an added token and is longer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"
#include "bytelm/utf8_progress.h"

namespace tokmill::bytelm {

class AddedTokenCanonicality final : public Canonicality {
 public:
    // `added`: places of the tokens that are looked for; `between`: what all else follows.
    AddedTokenCanonicality(ByteVocabulary const& vocabulary,
                           std::unique_ptr<Canonicality const> between,
                           std::span<std::uint32_t const> added);

    StatePtr start() const override;
    bool allows(State const& state, std::uint32_t place) const override;
    TokenSet allowed(State const& state) const override;
    StatePtr append(State const& state, std::uint32_t place) const override;
    bool may_end(State const& state) const override;

 private:
    using Node = ByteVocabulary::Node;
    // How far the search has come.
    struct Search {
        // Beginnings of strings, as nodes of strings_, that the text ends with; ascending.
        std::vector<Node> threats;
        Utf8Progress text;
    };
    struct AddedState;

    static AddedState const& of(State const& state);
    bool is_string(Node node) const noexcept;
    bool begins(std::string_view text) const noexcept;
    // False if a string would have been found.
    bool read(Search& search, std::uint32_t place) const;
    bool advance(Search& search, unsigned char byte) const;
    void forbid_completions(Node threat, TokenSet& tokens) const;

    ByteVocabulary const* vocabulary_;
    std::unique_ptr<Canonicality const> between_;
    std::vector<std::uint32_t> added_;
    std::vector<bool> is_added_;  // by place
    ByteVocabulary strings_;
    TokenSet clean_;                      // tokens without a string inside
    std::vector<std::uint32_t> unclean_;  // the others, but for the added ones
};

}  // namespace tokmill::bytelm
