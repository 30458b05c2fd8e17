// Canonical sequences of a tokenizer that normalizes texts first: those of texts that normalization
// leaves as they are.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"
#include "bytelm/unigram_automaton.h"

namespace tokmill::bytelm {

struct NormalText {
    // Strings that no normal text contains.
    std::span<std::string_view const> absent;
    // Strings that none ends with.
    std::span<std::string_view const> absent_at_end;
};

class NormalTextCanonicality final : public Canonicality {
 public:
    // `within`: of any texts. `vocabulary` must outlive this. Throws Error(invalid_tokenizer) if
    // one of the strings is empty.
    NormalTextCanonicality(ByteVocabulary const& vocabulary,
                           std::unique_ptr<Canonicality const> within, NormalText const& normal);

    StatePtr start() const override;
    bool allows(State const& state, std::uint32_t place) const override;
    TokenSet allowed(State const& state) const override;
    StatePtr append(State const& state, std::uint32_t place) const override;
    bool may_end(State const& state) const override;

 private:
    using Node = UnigramAutomaton::Node;
    struct NormalState;

    static NormalState const& of(State const& state);

    bool read(Node& node, std::string_view bytes) const;
    void look_at_nodes();
    TokenSet followers(NormalState const& state) const;
    void erase_completions(Node open, TokenSet& tokens) const;
    bool can_follow(NormalState const& state, std::uint32_t place) const;
    bool leads_on(NormalState const& state, std::uint32_t place) const;
    bool is_alive(NormalState const& state) const;
    bool may_finish_character(NormalState const& state) const;
    bool search_end(NormalState const& state, std::size_t depth, std::size_t& budget) const;
    NormalState follow(NormalState const& state, std::uint32_t place) const;

    ByteVocabulary const& vocabulary_;
    std::unique_ptr<Canonicality const> within_;
    UnigramAutomaton strings_;
    // Whether what a node stands for ends with a string that is absent; that is absent at the end.
    std::vector<bool> is_absent_, is_no_end_;
    TokenSet tokens_;      // that contain none of the absent strings
    TokenSet unfinished_;  // behind which a text might have to go on
};

}  // namespace tokmill::bytelm
