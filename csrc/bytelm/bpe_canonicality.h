// Canonical sequences of BPE, with or without a pre-tokenizer.
//
// Within a piece, a sequence is what merging leaves if and only if each two neighbours are what
// merging leaves of the two (docs/bpe.md). Where pieces begin may depend on text that is still to
// come, so a state holds several hypotheses about that (boundary_automaton.h). A token may follow
// if under some hypothesis it begins a piece, or goes on with one and may stand behind the last
// token.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "bytelm/bpe_neighbours.h"
#include "bytelm/bpe_rules.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/canonicality.h"
#include "bytelm/character_fallback.h"
#include "bytelm/nfc_progress.h"

namespace tokmill::bytelm {

// Which texts there are.
enum class TextForm : std::uint8_t { any, nfc };

class BpeCanonicality final : public Canonicality {
 public:
    // `whole_words`: places of tokens that merging does not form, but that are taken when they are
    // all of a piece. With byte fallback the boundaries must be those of valid UTF-8. `form`: of
    // texts as far as they are UTF-8.
    BpeCanonicality(ByteVocabulary const& vocabulary, BpeRules rules,
                    std::unique_ptr<BoundaryAutomaton const> boundaries,
                    std::span<std::uint32_t const> whole_words,
                    std::optional<CharacterFallback> fallback, TextForm form);

    // Finds out in advance what may follow the contexts of a text. Later ones that have been cut in
    // the same way are answered from what is remembered.
    void prepare(std::string_view text) const;

    StatePtr start() const override;
    bool allows(State const& state, std::uint32_t place) const override;
    TokenSet allowed(State const& state) const override;
    StatePtr append(State const& state, std::uint32_t place) const override;
    bool may_end(State const& state) const override;

 private:
    using Node = ByteVocabulary::Node;

    // One way in which the text so far may have been cut.
    struct Hypothesis {
        // What the current piece spells, as a node of words_: a piece of several tokens that spells
        // a whole word cannot end there. kOffWords: no whole word begins like this. kClosed: the
        // piece is a whole word and has to end.
        Node word;
        BoundaryAutomaton::State boundary;

        auto operator<=>(Hypothesis const&) const = default;
    };
    // Of a walk through the trie of the vocabulary and the automaton together.
    struct Step {
        Node node;
        Hypothesis hypothesis;
    };
    static constexpr Node kOffWords = ByteVocabulary::kNoNode;
    static constexpr Node kClosed = kOffWords - 1;
    static constexpr std::size_t kNowhere = SIZE_MAX;

    // Sorted, one for each word.
    using Hypotheses = std::vector<Hypothesis>;
    // Tokens by how they may go on from hypotheses, apart from their neighbour.
    struct Openings {
        TokenSet at_boundary;
        TokenSet inside;
    };
    struct BpeState;

    Hypotheses follow(BpeState const& state, std::uint32_t place) const;
    Hypotheses follow_byte(BpeState const& state, std::uint32_t place, int byte) const;
    // The byte whose fallback token stands at a place, or -1.
    int fallback_byte(std::uint32_t place) const noexcept {
        return fallback_ ? fallback_->byte_at(place) : -1;
    }
    bool may_close(Hypothesis const& hypothesis) const;
    bool spells_word(Node word) const;
    Node advance(Node word, unsigned char byte) const;
    // Reads bytes of which the first carries `mark`; false if the hypothesis dies.
    bool read(Hypothesis& hypothesis, unsigned char byte, bool mark) const;
    bool read(Hypothesis& hypothesis, std::string_view bytes, bool mark,
              std::size_t broken_at = kNowhere) const;
    void add(Hypothesis const& hypothesis, Hypotheses& to) const;

    bool can_go_on(std::uint32_t last, Hypothesis const& hypothesis) const;
    bool search_end(std::uint32_t last, Hypothesis const& hypothesis) const;

    std::size_t find_broken(NfcProgress& progress, std::string_view bytes) const;
    void collect_suspects();
    void erase_broken(BpeState const& state, TokenSet& tokens) const;

    std::shared_ptr<Openings const> openings(Hypotheses const& hypotheses) const;
    void collect(Hypothesis const& from, bool mark, TokenSet& tokens) const;
    // Tokens with the same first byte, which has been read. Contexts that differ often agree on
    // what that byte has led to, above all if a piece begins with it.
    struct Branch {
        Node node;
        bool may_be_whole;  // a whole word, too
        Hypothesis hypothesis;

        auto operator<=>(Branch const&) const = default;
    };
    // As in TokenSet::words(), from the word on in which the places of the branch begin.
    using Words = std::vector<std::uint64_t>;
    std::shared_ptr<Words const> tokens_of(Branch const& branch) const;
    Words walk(Branch const& branch) const;

    ByteVocabulary const* vocabulary_;
    BpeRules rules_;
    BpeNeighbours neighbours_;
    std::unique_ptr<BoundaryAutomaton const> boundaries_;
    std::vector<bool> is_whole_word_;        // by place
    std::unique_ptr<ByteVocabulary> words_;  // null: there are no whole words
    std::optional<CharacterFallback> fallback_;
    TextForm form_;
    // Places of tokens that may be out of form within a character, and behind one.
    std::vector<std::uint32_t> suspects_within_, suspects_behind_;

    // Grows with the hypotheses that texts lead to: some dozens for known patterns.
    static constexpr std::size_t kMaxOpenings = 256;
    mutable std::mutex mutex_;
    mutable std::map<Hypotheses, std::shared_ptr<Openings const>> openings_;
    static constexpr std::size_t kMaxBranchWords = std::size_t{1} << 19;  // 4 MB
    mutable std::map<Branch, std::shared_ptr<Words const>> branches_;
    mutable std::size_t branch_words_ = 0;
    mutable std::map<std::pair<std::uint32_t, Hypothesis>, bool> can_go_on_;
};

}  // namespace tokmill::bytelm
