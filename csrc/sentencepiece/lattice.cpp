#include "sentencepiece/lattice.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <queue>
#include <random>
#include <unordered_map>
#include <utility>

#include "sentencepiece/random.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {

Lattice::Lattice(UnigramModel const& model, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += char_size(text.substr(at))) {
        offsets_.push_back(at);
    }
    offsets_.push_back(text.size());
    ending_.resize(length() + 1);
    first_.reserve(length() + 1);
    nodes_.push_back({0, 0, -1, 0});
    ending_[0].push_back(kBegin);
    nodes_.push_back({static_cast<std::uint32_t>(length()), 0, -1, 0});
    for (std::size_t position = 0; position < length(); ++position) {
        first_.push_back(static_cast<Index>(nodes_.size()));
        add_pieces(model, text, position);
    }
    first_.push_back(static_cast<Index>(nodes_.size()));
}

void Lattice::insert(std::size_t position, std::size_t length, std::int32_t id, float score) {
    ending_[position + length].push_back(static_cast<Index>(nodes_.size()));
    nodes_.push_back({static_cast<std::uint32_t>(position),
                      static_cast<std::uint32_t>(offsets_[position + length] - offsets_[position]),
                      id, score});
}

void Lattice::add_pieces(UnigramModel const& model, std::string_view text, std::size_t position) {
    bool covered = false;
    PieceTrie::Walk walk = model.trie().begin();
    std::size_t length = 0;
    for (std::size_t end = offsets_[position]; end < text.size();) {
        if (!model.trie().step(walk, static_cast<unsigned char>(text[end]))) break;
        ++end;
        std::uint32_t const id = walk.id();
        if (id == PieceTrie::kNone) continue;
        while (offsets_[position + length] < end) ++length;
        Piece const& piece = model.vocabulary()[id];
        insert(position, length, static_cast<std::int32_t>(id),
               piece.type == PieceType::user_defined
                   ? UnigramModel::user_defined_score(static_cast<int>(length))
                   : piece.score);
        covered = covered || length == 1;
    }
    if (!covered) insert(position, 1, model.vocabulary().unknown(), model.unknown_score());
}

void Lattice::connect_best(Index index) {
    Node& node = nodes_[index];
    node.best_previous = kNone;
    for (Index const previous : ending_[node.position]) {
        float const score = nodes_[previous].best_score + node.score;
        if (node.best_previous != kNone && !(score > node.best_score)) continue;
        node.best_previous = previous;
        node.best_score = score;
    }
}

void Lattice::find_best_paths() {
    for (Index node = kEnd + 1; node < nodes_.size(); ++node) connect_best(node);
    connect_best(kEnd);
}

ScoredSegments Lattice::best_path() const {
    ScoredSegments result;
    result.score = nodes_[kEnd].best_score;
    for (Index i = nodes_[kEnd].best_previous; i != kBegin; i = nodes_[i].best_previous) {
        result.segments.push_back({nodes_[i].size, nodes_[i].id});
    }
    std::reverse(result.segments.begin(), result.segments.end());
    return result;
}

namespace {

// Adds in the domain of logarithms.
float log_add(float x, float y) {
    float const low = std::min(x, y), high = std::max(x, y);
    constexpr float kNegligible = 50;
    if (high > low + kNegligible) return high;
    return static_cast<float>(high + std::log1p(std::exp(static_cast<double>(low - high))));
}

}  // namespace

std::vector<float> Lattice::forward(float inv_theta) const {
    std::vector<float> sums(nodes_.size(), 0.0f);
    auto const add_up = [&](Index index) {
        bool first = true;
        for (Index const previous : ending_[nodes_[index].position]) {
            float const term = inv_theta * nodes_[previous].score + sums[previous];
            sums[index] = first ? term : log_add(sums[index], term);
            first = false;
        }
    };
    for (Index node = kEnd + 1; node < nodes_.size(); ++node) add_up(node);
    add_up(kEnd);
    return sums;
}

Segments Lattice::sample(float inv_theta) const {
    std::vector<float> const sums = forward(inv_theta);
    Segments segments;
    std::vector<double> weights;
    for (Index node = kEnd;;) {
        std::vector<Index> const& candidates = ending_[nodes_[node].position];
        weights.clear();
        bool possible = false;
        for (Index const previous : candidates) {
            double const weight = std::exp(static_cast<double>(
                sums[previous] + inv_theta * nodes_[previous].score - sums[node]));
            weights.push_back(std::isfinite(weight) && weight > 0 ? weight : 0);
            possible = possible || weights.back() > 0;
        }
        if (!possible) weights[0] = 1;
        std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
        node = candidates[draw(random_generator())];
        if (node == kBegin) break;
        segments.push_back({nodes_[node].size, nodes_[node].id});
    }
    std::reverse(segments.begin(), segments.end());
    return segments;
}

// Hypotheses are paths from some node to the end of the text, which have their ends in common.
class NBestSearch {
 public:
    NBestSearch(Lattice& lattice, std::size_t count)
        : lattice_(lattice), count_(count), smallest_(std::min(kSmallest, count * 10)) {}

    std::vector<ScoredSegments> run() {
        lattice_.find_best_paths();
        agenda_.push(add(Lattice::kEnd, nullptr, 0, lattice_.nodes_[Lattice::kEnd].best_score));
        std::vector<ScoredSegments> results;
        for (std::size_t steps = 1; !agenda_.empty(); ++steps) {
            if ((steps & 0xFFF) == 0 && timed_out()) return {lattice_.best_path()};
            Hypothesis* const top = agenda_.top();
            agenda_.pop();
            if (top->node == Lattice::kBegin) {
                results.push_back(path_of(*top));
                if (results.size() == count_) break;
                continue;
            }
            std::vector<Lattice::Index> const& candidates =
                lattice_.ending_[lattice_.nodes_[top->node].position];
            for (Lattice::Index const index : candidates) {
                Lattice::Node const& node = lattice_.nodes_[index];
                agenda_.push(add(index, top, node.score + top->cost, node.best_score + top->cost));
            }
            total_ += candidates.size();
            if (total_ >= kMaxTotal || pool_.size() >= kMaxTotal) return {lattice_.best_path()};
            if (agenda_.size() >= kMaxAgenda ||
                (agenda_.size() > smallest_ && pool_.size() >= max_pool_)) {
                if (timed_out() || shrinks_ == kMaxShrinks) return {lattice_.best_path()};
                shrink();
            }
        }
        return results;
    }

 private:
    struct Hypothesis {
        Lattice::Index node;
        Hypothesis* next;
        float estimate;  // of the whole path
        float cost;      // of the path from the node on
    };
    struct Worse {
        bool operator()(Hypothesis const* a, Hypothesis const* b) const {
            return a->estimate < b->estimate;
        }
    };
    using Agenda = std::priority_queue<Hypothesis*, std::vector<Hypothesis*>, Worse>;

    static constexpr std::size_t kMaxAgenda = 10000, kSmallest = 512, kPoolStep = 100000,
                                 kMaxTotal = 500000;
    static constexpr int kMaxShrinks = 10;

    Hypothesis* add(Lattice::Index node, Hypothesis* next, float cost, float estimate) {
        pool_.push_back({node, next, estimate, cost});
        return &pool_.back();
    }

    bool timed_out() const {
        int const timeout = nbest_timeout();
        return timeout > 0 &&
               std::chrono::steady_clock::now() - start_ >= std::chrono::milliseconds(timeout);
    }

    ScoredSegments path_of(Hypothesis const& first) const {
        ScoredSegments result;
        result.score = first.estimate;
        for (Hypothesis const* h = first.next; h->next != nullptr; h = h->next) {
            Lattice::Node const& node = lattice_.nodes_[h->node];
            result.segments.push_back({node.size, node.id});
        }
        return result;
    }

    // Keeps the best hypotheses and their paths.
    void shrink() {
        ++shrinks_;
        std::deque<Hypothesis> kept;
        std::unordered_map<Hypothesis const*, Hypothesis*> copies;
        Agenda agenda;
        for (std::size_t n = std::min(agenda_.size(), smallest_); n > 0; --n) {
            Hypothesis* head = nullptr;
            Hypothesis** link = &head;
            for (Hypothesis const* h = agenda_.top(); h != nullptr; h = h->next) {
                auto const [copy, is_new] = copies.try_emplace(h, nullptr);
                if (is_new) {
                    kept.push_back(*h);
                    copy->second = &kept.back();
                }
                *link = copy->second;
                if (!is_new) break;
                link = &copy->second->next;
            }
            agenda.push(head);
            agenda_.pop();
        }
        agenda_ = std::move(agenda);
        pool_ = std::move(kept);
        max_pool_ = pool_.size() + kPoolStep;
    }

    Lattice& lattice_;
    std::size_t count_, smallest_;
    std::deque<Hypothesis> pool_;
    Agenda agenda_;
    std::size_t total_ = 1, max_pool_ = kPoolStep;
    int shrinks_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::vector<ScoredSegments> Lattice::best(std::size_t count) {
    return NBestSearch(*this, count).run();
}

}  // namespace tokmill::sentencepiece
