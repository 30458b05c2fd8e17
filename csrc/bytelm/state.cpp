#include "bytelm/state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <unordered_set>

#include "bytelm/log_sum.h"

namespace tokmill::bytelm {
namespace {

using Node = ByteVocabulary::Node;

constexpr double kNoMass = -std::numeric_limits<double>::infinity();

[[noreturn]] void rows_missing() {
    throw std::logic_error("rows of the model are missing: supply what needs() names first");
}

}  // namespace

State::State(std::shared_ptr<Process const> process)
    : process_(std::move(process)), log_pruned_(kNoMass) {
    Canonicality const* const canonicality = process_->canonicality();
    auto root =
        std::make_shared<Context const>(canonicality == nullptr ? nullptr : canonicality->start());
    heads_.push_back({std::move(root), ByteVocabulary::kRoot});
}

bool State::allows(Context const& context, std::uint32_t place) const {
    Canonicality const* const canonicality = process_->canonicality();
    return canonicality == nullptr || canonicality->allows(context.canonical(), place);
}

// Whether some token below the node may follow. Where that is expensive to say, the row will tell.
bool State::may_go_on(Context const& context, Node node) const {
    constexpr std::uint32_t kFew = 16;
    auto const [begin, longer, end] = process_->tokens().range(node);
    if (longer == end) return false;
    if (std::shared_ptr<PreparedRow const> const row = context.row()) {
        return row->log_mass(longer, end) != kNoMass;
    }
    if (end - longer > kFew) return true;
    for (std::uint32_t place = longer; place < end; ++place) {
        if (allows(context, place)) return true;
    }
    return false;
}

ContextPtr State::extend(ContextPtr const& context, std::uint32_t place) const {
    Canonicality const* const canonicality = process_->canonicality();
    return std::make_shared<Context const>(
        context, place, process_->tokens().id(place),
        canonicality == nullptr ? nullptr : canonicality->append(context->canonical(), place));
}

State State::push(unsigned char byte) const {
    if (process_->follows_rows() && !needs(true).empty()) rows_missing();
    ByteVocabulary const& tokens = process_->tokens();
    State next = *this;
    ++next.position_;
    next.heads_.clear();
    std::vector<Head> closed;
    for (Head const& head : heads_) {
        Node const node = tokens.child(head.node, byte);
        if (node == ByteVocabulary::kNoNode) continue;
        ByteVocabulary::Range const range = tokens.range(node);
        for (std::uint32_t place = range.begin; place < range.longer; ++place) {
            if (!allows(*head.context, place)) continue;
            closed.push_back({extend(head.context, place), ByteVocabulary::kRoot});
        }
        if (may_go_on(*head.context, node)) next.heads_.push_back({head.context, node});
    }
    next.heads_.insert(next.heads_.end(), closed.begin(), closed.end());
    next.prune();
    return next;
}

// Keeps the heaviest heads. The mass of the others can only shrink while the text goes on, so that
// their sum bounds what is missing.
void State::prune() {
    auto const& beam = process_->options().beam;
    if (!beam.has_value() || heads_.size() <= *beam) return;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        order.emplace_back(share(heads_[i]).log_mass, i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](auto const& a, auto const& b) { return a.first > b.first; });
    LogSum pruned;
    pruned.add(log_pruned_);
    for (std::size_t k = *beam; k < order.size(); ++k) pruned.add(order[k].first);
    log_pruned_ = pruned.log();
    order.resize(*beam);
    std::vector<Head> kept;
    for (auto const& [mass, i] : order) kept.push_back(heads_[i]);
    heads_ = std::move(kept);
}

std::vector<ContextPtr> State::closed() const {
    std::vector<ContextPtr> contexts;
    for (Head const& head : heads_) {
        if (head.is_closed()) contexts.push_back(head.context);
    }
    return contexts;
}

// Of the tokens that go on past a node.
double State::tail_mass(PreparedRow const& row, Node node) const {
    ByteVocabulary::Range const range = process_->tokens().range(node);
    return row.log_mass(range.longer, range.end);
}

State::Share State::share(Head const& head) const {
    std::optional<double> const log_probability = head.context->log_probability();
    if (!log_probability.has_value()) return {false, head.context->log_bound()};
    if (head.is_closed()) return {true, *log_probability};
    std::shared_ptr<PreparedRow const> const row = head.context->row();
    if (row == nullptr) return {false, *log_probability};
    return {true, *log_probability + tail_mass(*row, head.node)};
}

// Heads whose rows are missing, without those that together have at most the share `eps`.
std::vector<State::Head> State::worth_asking() const {
    std::vector<std::pair<double, Head>> open;
    LogSum settled;
    for (Head const& head : heads_) {
        double const mass = share(head).log_mass;
        if (head.context->row() != nullptr && share(head).known) {
            settled.add(mass);
        } else {
            open.emplace_back(mass, head);
        }
    }
    double const eps = process_->options().eps;
    std::stable_sort(open.begin(), open.end(),
                     [](auto const& a, auto const& b) { return a.first < b.first; });
    std::size_t skipped = 0;
    if (eps > 0) {
        LogSum total = settled;
        for (auto const& [mass, head] : open) total.add(mass);
        LogSum faint;
        for (; skipped < open.size(); ++skipped) {
            faint.add(open[skipped].first);
            if (faint.log() > total.log() + std::log(eps)) break;
        }
    }
    std::vector<Head> asked;
    for (; skipped < open.size(); ++skipped) asked.push_back(open[skipped].second);
    return asked;
}

std::vector<ContextPtr> State::needs(bool next) const {
    std::vector<ContextPtr> missing;
    for (Head const& head : process_->options().eps > 0 ? worth_asking() : heads_) {
        std::optional<double> const own = head.context->log_probability(&missing);
        if (own == kNoMass) continue;
        if ((next || !head.is_closed()) && head.context->row() == nullptr) {
            missing.push_back(head.context);
        }
    }
    std::unordered_set<Context const*> seen;
    std::erase_if(missing,
                  [&](ContextPtr const& context) { return !seen.insert(context.get()).second; });
    return missing;
}

void State::supply(Context const& context, RowValues values, std::size_t number) const {
    ByteVocabulary const& tokens = process_->tokens();
    std::optional<TokenSet> allowed;
    bool may_end = true;
    if (Canonicality const* const canonicality = process_->canonicality()) {
        allowed = canonicality->allowed(context.canonical());
        may_end = canonicality->may_end(context.canonical());
    }
    context.set_row(std::make_shared<PreparedRow const>(
        tokens, process_->layout(), values, allowed ? &*allowed : nullptr, may_end, number));
}

void State::settle() const {
    for (Head const& head : heads_) head.context->log_probability();
}

NextBytes State::next_bytes() const {
    if (!needs(true).empty()) rows_missing();
    ByteVocabulary const& tokens = process_->tokens();
    std::array<LogSum, kEndSymbol + 1> sums;
    LogSum other;
    for (Head const& head : heads_) {
        std::optional<double> const own = head.context->log_probability();
        std::shared_ptr<PreparedRow const> const row = head.context->row();
        // Left out because of `eps`, or impossible.
        if (!own.has_value() || row == nullptr || *own == kNoMass) continue;
        for (auto const& [byte, node] : tokens.children(head.node)) {
            ByteVocabulary::Range const range = tokens.range(node);
            sums[byte].add(*own + row->log_mass(range.begin, range.end));
        }
        if (head.is_closed()) {
            sums[kEndSymbol].add(*own + row->log_end());
            other.add(*own + row->log_other());
        }
    }
    LogSum total = other;
    NextBytes next;
    for (std::size_t symbol = 0; symbol <= kEndSymbol; ++symbol) {
        next.log_probabilities[symbol] = sums[symbol].log();
        total.add(sums[symbol].log());
    }
    next.log_other = other.log();
    double const log_total = total.log();
    double const before = log_prefix();
    next.leak = process_->options().local || before == kNoMass
                    ? 0.0
                    : std::max(0.0, 1.0 - std::exp(log_total - before));
    if (log_total == kNoMass) return next;
    for (double& value : next.log_probabilities) value -= log_total;
    next.log_other -= log_total;
    return next;
}

double State::log_prefix() const {
    if (!needs(false).empty()) rows_missing();
    LogSum sum;
    for (Head const& head : heads_) {
        Share const own = share(head);
        if (own.known) sum.add(own.log_mass);
    }
    return sum.log();
}

std::pair<double, double> State::log_prefix_bounds() const {
    if (!needs(false).empty()) rows_missing();
    LogSum low, high;
    high.add(log_pruned_);
    for (Head const& head : heads_) {
        Share const own = share(head);
        high.add(own.log_mass);
        if (own.known) low.add(own.log_mass);
    }
    return {low.log(), high.log()};
}

Sequences State::cover(std::size_t max_items) const {
    if (!needs(false).empty()) rows_missing();
    struct Item {
        double log_probability;
        Head const* head;
        std::uint32_t place;
    };
    constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;
    std::vector<Item> items;
    for (Head const& head : heads_) {
        std::optional<double> const own = head.context->log_probability();
        if (!own.has_value() || *own == kNoMass) continue;
        if (head.is_closed()) {
            items.push_back({*own, &head, kNoPlace});
            continue;
        }
        std::shared_ptr<PreparedRow const> const row = head.context->row();
        if (row == nullptr) continue;
        auto const [begin, longer, end] = process_->tokens().range(head.node);
        for (std::uint32_t place = longer; place < end; ++place) {
            double const log_token = row->log_token(place);
            if (log_token != kNoMass) items.push_back({*own + log_token, &head, place});
        }
    }
    auto const heavier = [](Item const& a, Item const& b) {
        return a.log_probability > b.log_probability;
    };
    std::size_t const count = std::min(max_items, items.size());
    std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count),
                      items.end(), heavier);
    Sequences result;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::uint32_t> ids = items[i].head->context->tokens();
        if (items[i].place != kNoPlace) ids.push_back(process_->tokens().id(items[i].place));
        result.emplace_back(std::move(ids), items[i].log_probability);
    }
    return result;
}

}  // namespace tokmill::bytelm
