// Construction of rows, transitions and choices.
#include "regex/lazy_dfa.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "regex/pattern_reader.h"

namespace tokmill::regex {

namespace {

using Op = Instruction::Op;

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;
constexpr std::size_t kMinStates = 128;
constexpr std::size_t kMaxStates = 50000;
constexpr std::uint32_t kNone = 0xFFFFFFFF;
// Every state has a table of this size.
constexpr std::size_t kMaxSurroundings = 4096;

}  // namespace

LazyDfaTables::LazyDfaTables(Automaton const& automaton, Program const& program)
    : automaton_(automaton), program_(program), classes_(program.alphabet.class_count()) {
    auto const& code = automaton.instructions;
    stride_shift_ = static_cast<unsigned>(std::bit_width(classes_ - 1));
    consumer_of_.assign(code.size(), kNone);
    leads_from_.resize(code.size());
    consumers_before_.resize(code.size());
    for (std::uint32_t i = 0; i < code.size(); ++i) {
        if (code[i].op == Op::consume) {
            consumer_of_[i] = static_cast<std::uint32_t>(consumers_.size());
            consumers_before_[code[i].next].push_back(consumer_of_[i]);
            consumers_.push_back(i);
        } else if (code[i].op != Op::accept) {
            leads_from_[code[i].next].push_back(i);
            if (code[i].op == Op::split) leads_from_[code[i].other].push_back(i);
        }
    }
    words_ = consumers_.size() / 64 + 1;
    accepting_.assign(classes_, std::vector<std::uint64_t>(words_, 0));
    for (std::size_t c = 0; c < classes_; ++c)
        for (std::size_t q = 0; q < consumers_.size(); ++q)
            if (program.alphabet.in_set(c, code[consumers_[q]].arg))
                accepting_[c][q / 64] |= std::uint64_t{1} << q % 64;
    for (Condition const& condition : automaton.conditions)
        if (condition.kind == Condition::Kind::mark &&
            std::find(marks_.begin(), marks_.end(), condition.set) == marks_.end())
            marks_.push_back(condition.set);
    auto const near_kind = automaton.reversed ? Condition::Kind::previous : Condition::Kind::next;
    auto const far_kind = automaton.reversed ? Condition::Kind::next : Condition::Kind::previous;
    near_context_of_ = context_classes(near_kind, near_contexts_, near_representative_);
    far_context_of_ = context_classes(far_kind, far_contexts_, far_representative_);
    if (surroundings() > kMaxSurroundings) unsupported_at("so many different look-arounds", 0);
}

std::vector<std::uint32_t> LazyDfaTables::context_classes(
    Condition::Kind kind, std::size_t& count, std::vector<std::uint32_t>& representatives) const {
    std::map<std::vector<bool>, std::uint32_t> ids;
    std::vector<std::uint32_t> context_of;
    for (std::size_t c = 0; c <= classes_; ++c) {
        std::vector<bool> seen;
        for (Condition const& condition : automaton_.conditions)
            if (condition.kind == kind)
                seen.push_back(c == classes_ ? condition.at_edge
                                             : program_.alphabet.in_set(c, condition.set));
        auto const [found, inserted] =
            ids.try_emplace(std::move(seen), static_cast<std::uint32_t>(ids.size()));
        if (inserted) representatives.push_back(static_cast<std::uint32_t>(c));
        context_of.push_back(found->second);
    }
    count = ids.size();
    return context_of;
}

bool LazyDfaTables::holds(Condition const& condition, std::size_t near,
                          std::size_t surrounding) const {
    if (condition.kind == Condition::Kind::mark) {
        std::size_t const bits = surrounding / far_contexts_;
        auto const index = static_cast<std::size_t>(
            std::find(marks_.begin(), marks_.end(), condition.set) - marks_.begin());
        return static_cast<bool>(bits >> index & 1) == condition.at_edge;
    }
    bool const asks_near = (condition.kind == Condition::Kind::next) != automaton_.reversed;
    std::size_t const c =
        asks_near ? near_representative_[near] : far_representative_[surrounding % far_contexts_];
    return c == classes_ ? condition.at_edge : program_.alphabet.in_set(c, condition.set);
}

LazyDfa::LazyDfa(LazyDfaTables const& tables)
    : tables_(&tables),
      surroundings_(tables.surroundings()),
      shift_(tables.stride_shift()),
      choice_shift_(static_cast<unsigned>(std::bit_width(tables.consumer_count()))) {
    std::size_t const bytes = 24 * tables.words_ + 2 * surroundings_ +
                              2 * ((std::size_t{1} << shift_) + (std::size_t{1} << choice_shift_)) +
                              128;
    limit_ = std::clamp(kCacheBytes / bytes, kMinStates, kMaxStates);
    seen_.resize(tables.automaton_.instructions.size());
}

void LazyDfa::clear() {
    ids_.clear();
    keys_.clear();
    bits_.clear();
    near_.clear();
    row_of_.clear();
    row_state_.clear();
    row_surrounding_.clear();
    viable_after_.clear();
    start_viable_.clear();
    transitions_.clear();
    choices_.clear();
}

LazyDfa::Snapshot LazyDfa::initial() const {
    std::uint32_t const edge = tables_->near_context_of_[tables_->classes_];
    Snapshot key(tables_->words_ * sizeof(std::uint64_t) + sizeof edge, '\0');
    std::memcpy(key.data() + tables_->words_ * sizeof(std::uint64_t), &edge, sizeof edge);
    return key;
}

std::uint16_t LazyDfa::intern(Snapshot const& snapshot) {
    auto const found = ids_.find(snapshot);
    if (found != ids_.end()) return found->second;
    if (keys_.size() >= limit_) return kFull;
    auto const id = static_cast<std::uint16_t>(keys_.size());
    auto const inserted = ids_.emplace(snapshot, id).first;
    keys_.push_back(&inserted->first);
    std::size_t const words = tables_->words_;
    bits_.resize(bits_.size() + words);
    std::memcpy(bits_.data() + id * words, snapshot.data(), words * sizeof(std::uint64_t));
    std::uint32_t near = 0;
    std::memcpy(&near, snapshot.data() + words * sizeof(std::uint64_t), sizeof near);
    near_.push_back(near);
    row_of_.resize(row_of_.size() + surroundings_, kUnknown);
    if (surroundings_ == 1) make_row(id, 0);
    return id;
}

// Acceptance is propagated backwards along the steps that consume nothing and whose condition
// holds; the consumers that lead into what is reached may go on from here.
std::uint16_t LazyDfa::make_row(std::uint16_t state, std::size_t surrounding) {
    if (row_state_.size() >= limit_) return kFull;
    auto const row = static_cast<std::uint16_t>(row_state_.size());
    auto const& code = tables_->automaton_.instructions;
    std::size_t const words = tables_->words_;
    viable_after_.resize(viable_after_.size() + words, 0);
    std::uint64_t* const after = viable_after_.data() + row * words;
    std::fill(seen_.begin(), seen_.end(), false);
    auto const reach = [&](std::uint32_t instruction) {
        if (seen_[instruction]) return;
        seen_[instruction] = true;
        stack_.push_back(instruction);
    };
    stack_.clear();
    reach(0);  // acceptance
    std::uint64_t const* const bits = state_bits(state);
    for (std::size_t q = 0; q < tables_->consumers_.size(); ++q)
        if (bits[q / 64] >> q % 64 & 1) reach(tables_->consumers_[q]);
    while (!stack_.empty()) {
        std::uint32_t const at = stack_.back();
        stack_.pop_back();
        for (std::uint32_t q : tables_->consumers_before_[at])
            after[q / 64] |= std::uint64_t{1} << q % 64;
        for (std::uint32_t from : tables_->leads_from_[at]) {
            Instruction const& step = code[from];
            if (step.op == Op::split ||
                tables_->holds(tables_->automaton_.conditions[step.arg], near_[state], surrounding))
                reach(from);
        }
    }
    row_state_.push_back(state);
    row_surrounding_.push_back(static_cast<std::uint32_t>(surrounding));
    start_viable_.push_back(seen_[tables_->automaton_.start]);
    transitions_.resize(transitions_.size() + (std::size_t{1} << shift_), kUnknown);
    choices_.resize(choices_.size() + (std::size_t{1} << choice_shift_), kUnknown);
    row_of_[state * surroundings_ + surrounding] = row;
    return row;
}

std::uint16_t LazyDfa::make_transition(std::uint16_t row, std::size_t far) {
    std::size_t const words = tables_->words_;
    Snapshot key(words * sizeof(std::uint64_t) + sizeof(std::uint32_t), '\0');
    for (std::size_t w = 0; w < words; ++w) {
        std::uint64_t const bits = viable_after_[row * words + w] & tables_->accepting_[far][w];
        std::memcpy(key.data() + w * sizeof bits, &bits, sizeof bits);
    }
    std::uint32_t const near = tables_->near_context_of_[far];
    std::memcpy(key.data() + words * sizeof(std::uint64_t), &near, sizeof near);
    std::uint16_t const state = intern(key);
    if (state != kFull) transitions_[(std::size_t{row} << shift_) + far] = state;
    return state;
}

// Depth first in order of preference; the first consumer that is viable here ends the search.
// What has been seen already led nowhere, or is a loop that consumed nothing.
std::uint16_t LazyDfa::make_choice(std::uint16_t row, std::size_t consumer) {
    auto const& automaton = tables_->automaton_;
    std::uint64_t const* const bits = state_bits(row_state_[row]);
    std::uint32_t const near = near_[row_state_[row]];
    std::uint16_t result = kNoPath;
    std::fill(seen_.begin(), seen_.end(), false);
    stack_.clear();
    stack_.push_back(consumer == start_consumer()
                         ? automaton.start
                         : automaton.instructions[tables_->consumers_[consumer]].next);
    while (!stack_.empty()) {
        std::uint32_t const at = stack_.back();
        stack_.pop_back();
        if (seen_[at]) continue;
        seen_[at] = true;
        Instruction const& step = automaton.instructions[at];
        if (step.op == Op::accept) {
            result = kMatch;
            break;
        }
        if (step.op == Op::consume) {
            std::uint32_t const q = tables_->consumer_of_[at];
            if (bits[q / 64] >> q % 64 & 1) {
                result = static_cast<std::uint16_t>(q);
                break;
            }
        } else if (step.op == Op::split) {
            stack_.push_back(step.other);
            stack_.push_back(step.next);
        } else if (tables_->holds(automaton.conditions[step.arg], near, row_surrounding_[row])) {
            stack_.push_back(step.next);
        }
    }
    choices_[(std::size_t{row} << choice_shift_) + consumer] = result;
    return result;
}

}  // namespace tokmill::regex
