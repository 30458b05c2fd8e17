// A pattern compiled to nondeterministic automata over classes of code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "regex/alphabet.h"
#include "regex/ast.h"

namespace tokmill::regex {

// What must hold at a position of the text for a path to go through it.
struct Condition {
    enum class Kind : std::uint8_t {
        previous,  // the code point before is in `set`; or there is none and `at_edge`
        next,      // the code point after is in `set`; or there is none and `at_edge`
        mark,      // the position carries (`at_edge`) or lacks the mark `set`
    };
    Kind kind = Kind::next;
    bool at_edge = false;
    std::uint32_t set = 0;

    bool operator==(Condition const&) const = default;
};

struct Instruction {
    enum class Op : std::uint8_t {
        consume,  // one code point out of the set `arg`, then `next`
        split,    // `next` or, if that leads nowhere, `other`
        check,    // `next` if the condition `arg` holds
        accept,
    };
    Op op = Op::accept;
    std::uint32_t arg = 0;
    std::uint32_t next = 0;
    std::uint32_t other = 0;
};

struct Automaton {
    std::vector<Instruction> instructions;
    std::vector<Condition> conditions;
    std::uint32_t start = 0;
    // Its paths are laid out against the direction of the text (look-behind).
    bool reversed = false;
};

struct Program {
    std::vector<CodePointSet> sets;
    Alphabet alphabet;
    // Look-arounds with bodies beyond one code point. Automaton i tells at which positions its body
    // can begin (look-ahead) or end (look-behind): those carry mark i. Inner ones come first.
    std::vector<Automaton> looks;
    Automaton main;
};

// `tree` must have been rewritten. Throws Error(unsupported_tokenizer) when it grows too large.
Program compile_program(NodePtr const& tree);

// Two patterns over one alphabet, to be compared; `program.main` is not set.
struct ProgramPair {
    Program program;
    Automaton first;
    Automaton second;
};
ProgramPair compile_pair(NodePtr const& first, NodePtr const& second);

}  // namespace tokmill::regex
