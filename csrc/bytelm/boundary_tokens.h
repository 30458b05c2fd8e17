// Tokens by how they may follow where a pre-tokenizer has come to.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "bytelm/boundary_automaton.h"
#include "bytelm/byte_vocabulary.h"
#include "bytelm/token_set.h"

namespace tokmill::bytelm {

class BoundaryTokens {
 public:
    using Position = BoundaryAutomaton::State;

    // Both must outlive the sets.
    BoundaryTokens(BoundaryAutomaton const& automaton, ByteVocabulary const& vocabulary)
        : automaton_(automaton), vocabulary_(vocabulary) {}

    struct Sets {
        TokenSet open;   // tokens without a boundary inside
        TokenSet final;  // those of them that a text may end behind
    };
    // With a boundary in front of the token (`mark`) or without. Thread-safe.
    std::shared_ptr<Sets const> at(Position position, bool mark) const;

    // Behind a token that has no boundary inside; kDead if there is no such text.
    Position read(Position position, bool mark, std::uint32_t place) const;

 private:
    Sets make(Position position, bool mark) const;

    BoundaryAutomaton const& automaton_;
    ByteVocabulary const& vocabulary_;
    mutable std::mutex mutex_;
    mutable std::unordered_map<std::uint64_t, std::shared_ptr<Sets const>> known_;
};

}  // namespace tokmill::bytelm
