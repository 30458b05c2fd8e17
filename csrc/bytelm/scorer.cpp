#include "bytelm/scorer.h"

#include <limits>
#include <stdexcept>
#include <utility>

namespace tokmill::bytelm {

Scorer::Scorer(std::shared_ptr<Process const> process, std::string_view text, std::size_t skip)
    : skip_(skip) {
    if (process->follows_rows()) {
        throw std::logic_error("contexts that depend on rows cannot be listed in advance");
    }
    states_.reserve(text.size() + 1);
    states_.emplace_back(std::move(process));
    add_closed(states_.back());
    for (char const c : text) {
        states_.push_back(states_.back().push(static_cast<unsigned char>(c)));
        add_closed(states_.back());
    }
    number_of_.clear();
}

void Scorer::add_closed(State const& state) {
    for (ContextPtr const& context : state.closed()) {
        auto const number = static_cast<std::int32_t>(contexts_.size());
        bool const is_root = number == 0;
        tree_.tokens.push_back(is_root ? -1 : static_cast<std::int32_t>(context->last_token()));
        tree_.parents.push_back(is_root ? -1 : number_of_.at(context->origin().get()));
        tree_.positions.push_back(static_cast<std::int64_t>(state.position()));
        number_of_.emplace(context.get(), number);
        contexts_.push_back(context);
    }
}

void Scorer::feed(RowValues row) {
    if (complete()) throw std::logic_error("more rows than contexts");
    auto const position = static_cast<std::size_t>(tree_.positions[fed_]);
    while (position_ < position) finish_position();
    // Nothing is asked of rows behind what is impossible.
    Context const& context = *contexts_[fed_];
    if (context.log_probability() != -std::numeric_limits<double>::infinity()) {
        states_[position].supply(context, row, fed_);
    }
    contexts_[fed_] = nullptr;
    ++fed_;
    while (complete() && position_ < states_.size()) finish_position();
}

void Scorer::finish_position() {
    State& state = states_[position_];
    state.settle();
    if (position_ >= skip_) {
        NextBytes const next = state.next_bytes();
        distributions_.insert(distributions_.end(), next.log_probabilities.begin(),
                              next.log_probabilities.end());
        leaks_.push_back(next.leak);
        log_others_.push_back(next.log_other);
    }
    log_prefixes_.push_back(state.log_prefix());
    state.forget();
    ++position_;
}

}  // namespace tokmill::bytelm
