// Compilation of syntax trees to automata, in continuation style: a node is compiled given the
// instruction that follows it.
#include "regex/program.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "regex/pattern_reader.h"

namespace tokmill::regex {

namespace {

constexpr std::size_t kMaxInstructions = 10000;
constexpr std::size_t kMaxLooks = 64;
constexpr std::size_t kMaxMarksPerAutomaton = 8;
constexpr std::size_t kMaxClasses = 20000;

// A look-around that a single neighbouring code point decides: it holds if that is in `set`, or if
// there is none and `at_edge`.
struct OneStep {
    CodePointSet set;
    bool at_edge = false;
};

std::optional<OneStep> one_step(Node const& node, bool ahead);

std::optional<OneStep> one_step_concat(Node const& node, bool ahead) {
    OneStep result{CodePointSet::all(), true};
    std::size_t const n = node.children.size();
    for (std::size_t i = 0; i < n; ++i) {
        Node const& child = *node.children[ahead ? i : n - 1 - i];
        auto const step = one_step(child, ahead);
        if (!step) return std::nullopt;
        result.set = intersect(result.set, step->set);
        result.at_edge = result.at_edge && step->at_edge;
        if (child.zero_width) continue;
        // Once something may have been consumed, the rest must not ask anything.
        for (std::size_t j = i + 1; j < n; ++j)
            if (!node.children[ahead ? j : n - 1 - j]->always) return std::nullopt;
        break;
    }
    return result;
}

std::optional<OneStep> one_step(Node const& node, bool ahead) {
    if (node.always) return OneStep{CodePointSet::all(), true};
    switch (node.kind) {
        case NodeKind::set:
            return OneStep{node.set, false};
        case NodeKind::text_edge:
            if (node.ahead != ahead) return std::nullopt;
            return OneStep{CodePointSet(), true};
        case NodeKind::concat:
            return one_step_concat(node, ahead);
        case NodeKind::alternate: {
            OneStep result;
            for (NodePtr const& child : node.children) {
                auto const step = one_step(*child, ahead);
                if (!step) return std::nullopt;
                result.set = unite(result.set, step->set);
                result.at_edge = result.at_edge || step->at_edge;
            }
            return result;
        }
        case NodeKind::repeat:
            // X+ is X followed by something that asks nothing.
            if (node.min != 1) return std::nullopt;
            return one_step(*node.children[0], ahead);
        case NodeKind::look: {
            if (node.ahead != ahead) return std::nullopt;
            auto step = one_step(*node.children[0], ahead);
            if (step && node.negated) {
                step->set = complement(step->set);
                step->at_edge = !step->at_edge;
            }
            return step;
        }
        default:
            return std::nullopt;
    }
}

class Compiler {
 public:
    Program compile(NodePtr const& tree) {
        program_.main = compile_automaton(*tree, false);
        finish_alphabet();
        return std::move(program_);
    }

    ProgramPair compile_pair(NodePtr const& first, NodePtr const& second) {
        ProgramPair pair;
        pair.first = compile_automaton(*first, false);
        pair.second = compile_automaton(*second, false);
        finish_alphabet();
        pair.program = std::move(program_);
        return pair;
    }

 private:
    using Op = Instruction::Op;

    void finish_alphabet() {
        program_.alphabet = Alphabet(program_.sets);
        if (program_.alphabet.class_count() > kMaxClasses)
            unsupported_at("so many different character classes", 0);
    }

    Automaton compile_automaton(Node const& body, bool reversed) {
        Automaton automaton;
        automaton.reversed = reversed;
        automaton.instructions.push_back({Op::accept, 0, 0, 0});
        std::uint32_t const start = emit(automaton, body, 0);
        automaton.start = start;
        auto const marks =
            std::count_if(automaton.conditions.begin(), automaton.conditions.end(),
                          [](Condition const& c) { return c.kind == Condition::Kind::mark; });
        if (static_cast<std::size_t>(marks) > kMaxMarksPerAutomaton)
            unsupported_at("so many look-arounds", body.position);
        return automaton;
    }

    std::uint32_t add(Automaton& automaton, Instruction instruction, std::size_t position) {
        if (++total_ > kMaxInstructions) unsupported_at("so large an expression", position);
        automaton.instructions.push_back(instruction);
        return static_cast<std::uint32_t>(automaton.instructions.size() - 1);
    }

    std::uint32_t set_index(CodePointSet const& set) {
        auto const found = std::find(program_.sets.begin(), program_.sets.end(), set);
        if (found != program_.sets.end())
            return static_cast<std::uint32_t>(found - program_.sets.begin());
        program_.sets.push_back(set);
        return static_cast<std::uint32_t>(program_.sets.size() - 1);
    }

    std::uint32_t emit(Automaton& automaton, Node const& node, std::uint32_t next) {
        switch (node.kind) {
            case NodeKind::empty:
                return next;
            case NodeKind::set:
                return add(automaton, {Op::consume, set_index(node.set), next, 0}, node.position);
            case NodeKind::concat:
                return emit_concat(automaton, node, next);
            case NodeKind::alternate:
                return emit_alternate(automaton, node, next);
            case NodeKind::repeat:
                return emit_repeat(automaton, node, next);
            case NodeKind::look:
            case NodeKind::text_edge:
                return emit_check(automaton, node, next);
            case NodeKind::atomic:
                break;
        }
        unsupported_at("atomic group", node.position);
    }

    std::uint32_t emit_concat(Automaton& automaton, Node const& node, std::uint32_t next) {
        std::size_t const n = node.children.size();
        for (std::size_t i = 0; i < n; ++i)
            next = emit(automaton, *node.children[automaton.reversed ? i : n - 1 - i], next);
        return next;
    }

    std::uint32_t emit_alternate(Automaton& automaton, Node const& node, std::uint32_t next) {
        std::uint32_t entry = emit(automaton, *node.children.back(), next);
        for (std::size_t i = node.children.size() - 1; i-- > 0;) {
            std::uint32_t const preferred = emit(automaton, *node.children[i], next);
            entry = add(automaton, {Op::split, 0, preferred, entry}, node.position);
        }
        return entry;
    }

    std::uint32_t emit_choice(Automaton& automaton, Node const& node, std::uint32_t more,
                              std::uint32_t done) {
        if (!node.greedy) std::swap(more, done);
        return add(automaton, {Op::split, 0, more, done}, node.position);
    }

    std::uint32_t emit_repeat(Automaton& automaton, Node const& node, std::uint32_t next) {
        Node const& body = *node.children[0];
        std::uint32_t entry = next;
        if (node.max == kUnlimited) {
            std::uint32_t const loop = emit_choice(automaton, node, 0, next);
            std::uint32_t const again = emit(automaton, body, loop);
            Instruction& split = automaton.instructions[loop];
            (node.greedy ? split.next : split.other) = again;
            entry = loop;
        } else {
            for (std::uint32_t i = node.min; i < node.max; ++i)
                entry = emit_choice(automaton, node, emit(automaton, body, entry), next);
        }
        for (std::uint32_t i = 0; i < node.min; ++i) entry = emit(automaton, body, entry);
        return entry;
    }

    std::uint32_t emit_check(Automaton& automaton, Node const& node, std::uint32_t next) {
        Condition const condition = condition_of(node);
        auto const found =
            std::find(automaton.conditions.begin(), automaton.conditions.end(), condition);
        auto const index = static_cast<std::uint32_t>(found - automaton.conditions.begin());
        if (found == automaton.conditions.end()) automaton.conditions.push_back(condition);
        return add(automaton, {Op::check, index, next, 0}, node.position);
    }

    Condition condition_of(Node const& node) {
        Condition condition;
        condition.kind = node.ahead ? Condition::Kind::next : Condition::Kind::previous;
        if (auto const step = one_step(node, node.ahead)) {
            condition.set = set_index(step->set);
            condition.at_edge = step->at_edge;
            return condition;
        }
        return {Condition::Kind::mark, !node.negated, look_index(*node.children[0], node.ahead)};
    }

    // The automaton that marks where `body` holds; one for each body, however often it occurs.
    std::uint32_t look_index(Node const& body, bool ahead) {
        auto const key = std::pair(&body, ahead);
        if (auto const found = look_of_.find(key); found != look_of_.end()) return found->second;
        Automaton automaton = compile_automaton(body, !ahead);
        if (program_.looks.size() >= kMaxLooks)
            unsupported_at("so many look-arounds", body.position);
        program_.looks.push_back(std::move(automaton));
        auto const index = static_cast<std::uint32_t>(program_.looks.size() - 1);
        look_of_.emplace(key, index);
        return index;
    }

    Program program_;
    std::map<std::pair<Node const*, bool>, std::uint32_t> look_of_;
    std::size_t total_ = 0;
};

}  // namespace

Program compile_program(NodePtr const& tree) {
    return Compiler().compile(tree);
}

ProgramPair compile_pair(NodePtr const& first, NodePtr const& second) {
    return Compiler().compile_pair(first, second);
}

}  // namespace tokmill::regex
