// Where a pre-tokenizer may cut a text of which only the beginning is known.
//
// Mark a byte if a piece begins at it. This automaton reads bytes with their marks and dies as soon
// as no continuation of the text exists that a pre-tokenizer would cut that way. It is determinized
// on demand; states are numbers that stay valid as long as the automaton.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "pipeline/definition.h"
#include "regex/dialect.h"

namespace tokmill::bytelm {

enum class Utf8Rule : std::uint8_t {
    any,     // texts are any bytes; the last piece before the first invalid one goes on to the end
    strict,  // texts are valid UTF-8
};

// All functions may be called from several threads. Those that return a state throw
// Error(unsupported_tokenizer) when the states become too many, which no pre-tokenizer in use comes
// near to.
class BoundaryAutomaton {
 public:
    using State = std::uint32_t;
    static constexpr State kDead = 0;

    // `steps` as in Definition; none: a text is one piece. Throws Error(unsupported_tokenizer),
    // naming the step, for what cannot be followed exactly: steps that drop text or that cut behind
    // a byte_level step. A prefix space is not added: texts are as the steps see them.
    static std::unique_ptr<BoundaryAutomaton const> compile(std::span<PreTokenizer const> steps,
                                                            regex::Dialect dialect, Utf8Rule utf8);

    ~BoundaryAutomaton();
    BoundaryAutomaton(BoundaryAutomaton const&) = delete;
    BoundaryAutomaton& operator=(BoundaryAutomaton const&) = delete;

    State start() const noexcept { return kStart; }
    // The first byte of a text is always marked.
    State step(State state, unsigned char byte, bool mark) const {
        State const known = cell(state, byte, mark).load(std::memory_order_acquire);
        return known != kUnknown ? known : compute(state, byte, mark);
    }
    // The state of everything that one or the other allows.
    State unite(State a, State b) const;
    // What is left if the text is not UTF-8 from the last character on, be it complete or not.
    State broken(State state) const;
    // Whether the text may end here.
    bool may_end(State state) const noexcept { return facts(state) & kMayEnd; }
    // Whether a piece may end here: the text ends, or some next byte can carry a mark.
    bool may_close(State state) const noexcept { return facts(state) & kMayClose; }
    // How many states there are at present.
    std::size_t state_count() const;

 private:
    class Builder;

    static constexpr State kStart = 1;
    static constexpr State kUnknown = 0xFFFFFFFF;
    static constexpr std::uint32_t kMayEnd = 1;
    static constexpr std::uint32_t kMayClose = 2;
    // Rows are allocated in chunks and never move.
    static constexpr unsigned kChunkBits = 5;
    static constexpr std::size_t kChunks = 2048;

    using Cell = std::atomic<State>;

    explicit BoundaryAutomaton(std::unique_ptr<Builder> builder);

    // A row: one cell for facts about the state, then two for every class of bytes.
    Cell* row(State state) const noexcept {
        Cell* const chunk = chunks_[state >> kChunkBits].load(std::memory_order_acquire);
        return chunk + (state & ((1u << kChunkBits) - 1)) * row_size_;
    }
    Cell& cell(State state, unsigned char byte, bool mark) const noexcept {
        return row(state)[1 + 2 * std::size_t{byte_classes_[byte]} + mark];
    }
    std::uint32_t facts(State state) const noexcept {
        return row(state)->load(std::memory_order_relaxed);
    }
    State compute(State state, unsigned char byte, bool mark) const;
    void add_rows() const;

    std::array<std::uint8_t, 256> byte_classes_{};
    std::size_t row_size_ = 0;
    mutable std::array<std::atomic<Cell*>, kChunks> chunks_{};
    mutable std::size_t rows_ = 0;
    std::unique_ptr<Builder> builder_;
};

}  // namespace tokmill::bytelm
