// Where a pre-tokenizer may cut a text of which only the beginning is known.
//
// Mark a byte if a piece begins at it. This automaton reads bytes with their marks and dies as soon
// as no continuation of the text exists that a pre-tokenizer would cut that way. It is determinized
// on demand; states are numbers that stay valid as long as the automaton.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "pipeline/definition.h"
#include "regex/dialect.h"

namespace tokmill::bytelm {

enum class Utf8Rule : std::uint8_t {
    any,     // texts are any bytes; behind the first invalid one nothing is cut any more
    strict,  // texts are valid UTF-8
};

class BoundaryAutomaton {
 public:
    using State = std::uint32_t;
    static constexpr State kDead = 0;

    virtual ~BoundaryAutomaton() = default;

    // `steps` as in Definition; none: a text is one piece. Throws Error(unsupported_tokenizer),
    // naming the step, for what cannot be followed exactly (steps that drop or add text).
    static std::unique_ptr<BoundaryAutomaton const> compile(std::span<PreTokenizer const> steps,
                                                            regex::Dialect dialect, Utf8Rule utf8);

    virtual State start() const = 0;
    // Thread-safe. The first byte of a text is always marked.
    virtual State step(State state, unsigned char byte, bool mark) const = 0;
    // The state of everything that one or the other allows.
    virtual State unite(State a, State b) const = 0;
    // Whether the text may end here.
    virtual bool may_end(State state) const = 0;
    // Whether a piece may end here: the text ends, or some next byte can carry a mark.
    virtual bool may_close(State state) const = 0;
};

}  // namespace tokmill::bytelm
