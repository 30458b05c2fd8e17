// Which sequences of tokens a tokenizer can produce.
//
// A sequence counts as canonical if the encoding of some text begins with it. That is more than
// being the encoding of its own bytes: behind a contraction or a run of spaces a pre-tokenizer cuts
// differently when more text follows (docs/bytelm.md).
#pragma once

#include <cstdint>
#include <memory>

#include "bytelm/token_set.h"

namespace tokmill::bytelm {

class Canonicality {
 public:
    // What has to be known about a canonical sequence to say how it may go on. Immutable.
    class State {
     public:
        virtual ~State() = default;
    };
    using StatePtr = std::shared_ptr<State const>;

    virtual ~Canonicality() = default;

    // Of the empty sequence. All functions may be called from several threads.
    virtual StatePtr start() const = 0;
    // Whether the token at a place of the vocabulary may come next.
    virtual bool allows(State const& state, std::uint32_t place) const = 0;
    // All tokens that may.
    virtual TokenSet allowed(State const& state) const = 0;
    // The state behind a token that is allowed.
    virtual StatePtr append(State const& state, std::uint32_t place) const = 0;
    // Whether the sequence is all of an encoding: the text may end here.
    virtual bool may_end(State const& state) const = 0;
};

}  // namespace tokmill::bytelm
