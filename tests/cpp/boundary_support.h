// Holds a BoundaryAutomaton against the pre-tokenizer that it follows.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytelm/boundary_automaton.h"
#include "check.h"
#include "pretokenizers/pre_tokenization.h"
#include "simd/utf8.h"

namespace tokmill::test {

// One character a byte: '1' where a piece begins.
using BoundaryMarks = std::string;

class BoundaryComparison {
 public:
    using State = bytelm::BoundaryAutomaton::State;

    BoundaryComparison(std::vector<PreTokenizer> const& steps, regex::Dialect dialect,
                       bytelm::Utf8Rule rule)
        : automaton_(bytelm::BoundaryAutomaton::compile(steps, dialect, rule)),
          pre_tokenization_(steps, dialect),
          rule_(rule) {}

    bytelm::BoundaryAutomaton const& automaton() const { return *automaton_; }

    // The marks of a complete text.
    BoundaryMarks marks(std::string_view text) const {
        std::size_t const valid = simd::valid_utf8_prefix(text);
        BoundaryMarks marks(text.size(), '0');
        Pieces pieces;
        pre_tokenization_.run(text.substr(0, valid), false, pieces);
        for (Span const& piece : pieces.spans) marks[piece.begin] = '1';
        if (!text.empty()) marks[0] = '1';
        return marks;
    }

    State run(std::string_view text, std::string_view marks) const {
        State state = automaton_->start();
        for (std::size_t i = 0; i < text.size(); ++i)
            state = automaton_->step(state, static_cast<unsigned char>(text[i]), marks[i] == '1');
        return state;
    }

    // Whether the automaton accepts how the text is cut.
    bool follows(std::string_view text) const {
        return automaton_->may_end(run(text, marks(text)));
    }

    // All marks of the beginning of a text that the automaton thinks possible, with their states.
    std::vector<std::pair<BoundaryMarks, State>> possible(std::string_view begin) const {
        std::vector<std::pair<BoundaryMarks, State>> all{{"", automaton_->start()}};
        for (char const byte : begin) {
            std::vector<std::pair<BoundaryMarks, State>> next;
            for (auto const& [marks, state] : all) {
                for (bool const mark : {false, true}) {
                    State const after =
                        automaton_->step(state, static_cast<unsigned char>(byte), mark);
                    if (after != bytelm::BoundaryAutomaton::kDead)
                        next.emplace_back(marks + (mark ? '1' : '0'), after);
                }
            }
            all = std::move(next);
        }
        return all;
    }

    // Whether every possibility is real: some continuation makes the pre-tokenizer cut that way.
    // Returns a description of the first one that is not.
    std::string unreal(std::string_view begin) {
        for (auto const& [marks, state] : possible(begin)) {
            std::string const shown = quote(begin) + " cut as " + marks;
            std::optional<Continuation> const end = shortest_end(state);
            if (!end) return shown + " leads nowhere";
            std::string const text = std::string(begin) + end->bytes;
            if (this->marks(text) != marks + end->marks)
                return shown + " is not how " + quote(text) + " begins";
            if (rule_ == bytelm::Utf8Rule::strict && simd::valid_utf8_prefix(text) != text.size())
                return shown + " needs invalid bytes";
            if (automaton_->may_close(state) != can_close(state))
                return shown + ": may_close is wrong";
        }
        return {};
    }

 private:
    struct Continuation {
        std::string bytes;
        BoundaryMarks marks;
    };

    bool can_close(State state) const {
        if (automaton_->may_end(state)) return true;
        for (unsigned byte = 0; byte < 256; ++byte) {
            if (automaton_->step(state, static_cast<unsigned char>(byte), true) !=
                bytelm::BoundaryAutomaton::kDead)
                return true;
        }
        return false;
    }

    std::optional<Continuation> shortest_end(State from) {
        auto const known = ends_.find(from);
        if (known != ends_.end()) return known->second;
        std::optional<Continuation> result;
        std::set<State> seen{from};
        std::deque<std::pair<State, Continuation>> queue{{from, {}}};
        while (!queue.empty() && !result) {
            auto const [state, path] = queue.front();
            queue.pop_front();
            if (automaton_->may_end(state)) {
                result = path;
                break;
            }
            for (unsigned byte = 0; byte < 256; ++byte) {
                for (bool const mark : {false, true}) {
                    State const next =
                        automaton_->step(state, static_cast<unsigned char>(byte), mark);
                    if (next == bytelm::BoundaryAutomaton::kDead || !seen.insert(next).second)
                        continue;
                    queue.push_back(
                        {next,
                         {path.bytes + static_cast<char>(byte), path.marks + (mark ? '1' : '0')}});
                }
            }
        }
        return ends_[from] = result;
    }

    std::unique_ptr<bytelm::BoundaryAutomaton const> automaton_;
    PreTokenization pre_tokenization_;
    bytelm::Utf8Rule rule_;
    std::map<State, std::optional<Continuation>> ends_;
};

}  // namespace tokmill::test
