// A position in a text under a byte-level measure. Immutable and cheap to fork: states share their
// contexts.
//
// Every way in which tokens can cover the text has a last token that reaches to or past its end.
// What comes before that token is a context, and the bytes that the token has to begin with are a
// node of the trie of the vocabulary. So all the ways, of which there are thousands, are a handful
// of heads; the closed ones, at the root of the trie, have the whole text in their context. (Vieira
// et al., "From Language Models over Tokens to Language Models over Characters", ICML 2025; Phan et
// al., "Exact Byte-Level Probabilities from Tokenized Language Models", ICLR 2025.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "bytelm/context.h"
#include "bytelm/process.h"

namespace tokmill::bytelm {

inline constexpr std::size_t kEndSymbol = 256;

struct NextBytes {
    std::array<double, kEndSymbol + 1> log_probabilities;  // kEndSymbol: the end of the text
    double log_other;  // tokens without bytes, SpecialRule::other
    double leak;       // mass that no continuation keeps; 0 for proper measures
};

// Sequences of tokens with their log-probabilities.
using Sequences = std::vector<std::pair<std::vector<std::uint32_t>, double>>;

class State {
 public:
    // Of the empty text.
    explicit State(std::shared_ptr<Process const> process);

    std::size_t position() const noexcept { return position_; }
    Process const& process() const noexcept { return *process_; }

    // Contexts whose rows are missing, for next_bytes() or, if `next` is false, for the probability
    // of the text alone.
    std::vector<ContextPtr> needs(bool next) const;
    // Prepares the row of a context. `number` is for messages.
    void supply(Context const& context, RowValues values, std::size_t number) const;
    // Settles what is known now; called when all rows of one round are there.
    void settle() const;

    // The text with one more byte. Throws std::logic_error if the process follows rows and some are
    // missing.
    State push(unsigned char byte) const;
    // Contexts that spell exactly the text.
    std::vector<ContextPtr> closed() const;

    // Lets go of all contexts; the state is of no use any more.
    void forget() { heads_.clear(); }

    // These throw std::logic_error if rows are missing.
    NextBytes next_bytes() const;
    double log_prefix() const;
    // Logarithms of bounds of the probability that a text begins with this one.
    std::pair<double, double> log_prefix_bounds() const;
    // The most probable cover encodings, best first.
    Sequences cover(std::size_t max_items) const;

 private:
    struct Head {
        ContextPtr context;
        ByteVocabulary::Node node;

        bool is_closed() const noexcept { return node == ByteVocabulary::kRoot; }
    };
    // What a head contributes to the probability of the text.
    struct Share {
        bool known;
        double log_mass;  // or, if not known, a bound
    };

    bool allows(Context const& context, std::uint32_t place) const;
    bool may_go_on(Context const& context, ByteVocabulary::Node node) const;
    ContextPtr extend(ContextPtr const& context, std::uint32_t place) const;
    Share share(Head const& head) const;
    double tail_mass(PreparedRow const& row, ByteVocabulary::Node node) const;
    void prune();
    std::vector<Head> worth_asking() const;

    std::shared_ptr<Process const> process_;
    std::size_t position_ = 0;
    std::vector<Head> heads_;
    double log_pruned_;
};

}  // namespace tokmill::bytelm
