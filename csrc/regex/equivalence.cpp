// Both patterns are run as priority-ordered sets of threads (Pike's simulation) side by side, over
// all texts at once: a configuration is a pair of thread lists, and the texts that lead to the same
// configuration are as good as one. The match of a pattern is the last acceptance before its
// threads die out, so besides the lists it matters only whether the last acceptances seen so far
// coincide. Every configuration belongs to a real text, which makes the decision exact in both
// directions.
#include "regex/equivalence.h"

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "regex/program.h"

namespace tokmill::regex {

namespace {

using Op = Instruction::Op;

// Larger products are no patterns of the kind that anyone wants recognized.
constexpr std::size_t kMaxConfigurations = 20000;

// Instructions to go on from, the preferred ones first.
using Threads = std::vector<std::uint32_t>;

struct Outcome {
    bool accepted = false;
    Threads threads;
};

// What the threads do in front of a code point of class `next`, or the end of the text
// (class_count()): threads less preferred than an acceptance are cut off.
Outcome advance(Automaton const& automaton, Program const& program, Threads const& threads,
                std::size_t next) {
    bool const at_end = next == program.alphabet.class_count();
    Outcome outcome;
    std::vector<bool> seen(automaton.instructions.size());
    std::vector<bool> kept(automaton.instructions.size());
    for (std::uint32_t thread : threads) {
        std::vector<std::uint32_t> stack = {thread};
        while (!stack.empty()) {
            std::uint32_t const at = stack.back();
            stack.pop_back();
            if (seen[at]) continue;
            seen[at] = true;
            Instruction const& step = automaton.instructions[at];
            switch (step.op) {
                case Op::accept:
                    outcome.accepted = true;
                    return outcome;
                case Op::consume:
                    if (!at_end && program.alphabet.in_set(next, step.arg) && !kept[step.next]) {
                        kept[step.next] = true;
                        outcome.threads.push_back(step.next);
                    }
                    break;
                case Op::split:
                    stack.push_back(step.other);
                    stack.push_back(step.next);
                    break;
                case Op::check: {
                    Condition const& condition = automaton.conditions[step.arg];
                    if (at_end ? condition.at_edge : program.alphabet.in_set(next, condition.set))
                        stack.push_back(step.next);
                    break;
                }
            }
        }
    }
    return outcome;
}

bool looks_only_ahead(Automaton const& automaton) {
    for (Condition const& condition : automaton.conditions)
        if (condition.kind != Condition::Kind::next) return false;
    return true;
}

struct Configuration {
    Threads a;
    Threads b;
    bool same_match = true;

    auto operator<=>(Configuration const&) const = default;
};

}  // namespace

bool equivalent(NodePtr const& a, NodePtr const& b) {
    // Compiled together, so that they share one alphabet.
    auto const [program, first, second] = compile_pair(a, b);
    if (!looks_only_ahead(first) || !looks_only_ahead(second)) return false;
    std::set<Configuration> seen;
    std::vector<Configuration> pending = {{{first.start}, {second.start}, true}};
    while (!pending.empty()) {
        Configuration const current = std::move(pending.back());
        pending.pop_back();
        if (seen.size() > kMaxConfigurations) return false;
        if (!seen.insert(current).second) continue;
        for (std::size_t next = 0; next <= program.alphabet.class_count(); ++next) {
            Outcome x = advance(first, program, current.a, next);
            Outcome y = advance(second, program, current.b, next);
            bool same = current.same_match;
            if (x.accepted || y.accepted) same = x.accepted && y.accepted;
            if (!x.threads.empty() || !y.threads.empty())
                pending.push_back({std::move(x.threads), std::move(y.threads), same});
            else if (!same)
                return false;
        }
    }
    return true;
}

}  // namespace tokmill::regex
