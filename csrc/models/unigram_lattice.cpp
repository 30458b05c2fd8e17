// The lattice of all pieces in a text. Follows the sampling of tokenizers to the letter, also where
// it departs from the method's: its forward sums scale earlier sums again at each piece.
#include "models/unigram_lattice.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFFu;

std::mt19937_64& generator() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return generator;
}

// An index with a probability in proportion to its weight; nothing if the weights make no sense.
std::optional<std::size_t> draw(std::vector<double> const& weights) {
    double total = 0;
    for (double const weight : weights) {
        if (!(weight >= 0)) return std::nullopt;
        total += weight;
    }
    if (!(total > 0) || std::isinf(total)) return std::nullopt;
    double chosen = std::uniform_real_distribution<double>(0, total)(generator());
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (chosen < weights[i]) return i;
        chosen -= weights[i];
    }
    // Rounding let the sum run out: the last one that is possible.
    std::size_t last = weights.size() - 1;
    while (weights[last] == 0) --last;
    return last;
}

// log(exp(x) + exp(y))
double log_sum_exp(double x, double y) {
    constexpr double kNegligible = 50;
    double const low = x > y ? y : x;
    double const high = x > y ? x : y;
    return high > low + kNegligible ? high : high + std::log(std::exp(low - high) + 1);
}

class Lattice {
 public:
    Lattice(std::string_view text, UnigramTables const& tables, std::optional<std::size_t> unk_id);

    std::vector<LatticePart> sample(double alpha) const;
    std::vector<LatticePart> sample_nbest(std::size_t count, double alpha);

 private:
    using NodeIndex = std::uint32_t;
    using Path = std::vector<NodeIndex>;

    struct Node {
        std::size_t id;
        std::uint32_t begin, end;
        double score;
        double best = 0;  // the highest sum up to here
        NodeIndex previous = kNone;
    };
    static constexpr NodeIndex kStart = 0, kEnd = 1;

    void insert(std::uint32_t begin, std::uint32_t end, double score, std::size_t id);
    Path viterbi();
    std::vector<Path> nbest(std::size_t count);
    std::vector<LatticePart> parts(Path const& path) const;

    unsigned char const* bytes_;
    std::uint32_t size_;
    std::vector<Node> nodes_;
    std::vector<std::vector<NodeIndex>> begins_;  // by place: the nodes that begin there
    std::vector<std::vector<NodeIndex>> ends_;    // and those that end there
};

Lattice::Lattice(std::string_view text, UnigramTables const& tables,
                 std::optional<std::size_t> unk_id)
    : bytes_(reinterpret_cast<unsigned char const*>(text.data())),
      size_(static_cast<std::uint32_t>(text.size())),
      begins_(text.size() + 1),
      ends_(text.size() + 1) {
    std::size_t const pieces = tables.size();
    nodes_.push_back({pieces + 1, 0, 0, 0});
    nodes_.push_back({pieces + 2, size_, size_, 0});
    ends_[0].push_back(kStart);
    begins_[size_].push_back(kEnd);
    for (std::uint32_t begin = 0; begin < size_;) {
        DecodedChar const first = decode_char(bytes_ + begin);
        std::uint32_t const next = begin + first.size;
        UnigramTrie::Node node = tables.trie().character(first.code_point);
        std::optional<std::size_t> const single =
            node.has_piece() ? std::optional<std::size_t>(node.piece()) : unk_id;
        if (single) insert(begin, next, node.score, *single);
        for (std::uint32_t at = next; at < size_ && tables.trie().step(node, bytes_[at]);) {
            ++at;
            if (node.has_piece()) insert(begin, at, node.score, node.piece());
        }
        begin = next;
    }
}

void Lattice::insert(std::uint32_t begin, std::uint32_t end, double score, std::size_t id) {
    auto const node = static_cast<NodeIndex>(nodes_.size());
    nodes_.push_back({id, begin, end, score});
    begins_[begin].push_back(node);
    ends_[end].push_back(node);
}

// The best path without start and end; empty if there is none.
Lattice::Path Lattice::viterbi() {
    for (std::uint32_t at = 0;;) {
        if (begins_[at].empty() || ends_[at].empty()) return {};
        for (NodeIndex const right : begins_[at]) {
            Node& node = nodes_[right];
            node.previous = kNone;
            for (NodeIndex const left : ends_[at]) {
                double const sum = nodes_[left].best + node.score;
                if (node.previous == kNone || sum > node.best) {
                    node.previous = left;
                    node.best = sum;
                }
            }
        }
        if (at == size_) break;
        at += decode_char(bytes_ + at).size;
    }
    Path path;
    for (NodeIndex at = nodes_[kEnd].previous; at != kStart; at = nodes_[at].previous) {
        path.push_back(at);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

// The best paths by A* from the end, since viterbi() leaves the exact sum up to each node.
std::vector<Lattice::Path> Lattice::nbest(std::size_t count) {
    if (count == 1) return {viterbi()};
    struct Hypothesis {
        NodeIndex node;
        std::uint32_t next;  // the hypothesis it extends to the left
        double estimate, sum;
    };
    constexpr std::size_t kMaxAgenda = 100'000;
    constexpr std::size_t kKeptAgenda = 512;
    std::vector<Hypothesis> hypotheses{{kEnd, kNone, 0, 0}};
    std::vector<std::uint32_t> agenda{0};
    auto const is_worse = [&](std::uint32_t a, std::uint32_t b) {
        return hypotheses[a].estimate < hypotheses[b].estimate;
    };
    viterbi();
    std::vector<Path> paths;
    while (!agenda.empty()) {
        std::pop_heap(agenda.begin(), agenda.end(), is_worse);
        std::uint32_t const top = agenda.back();
        agenda.pop_back();
        if (hypotheses[top].node == kStart) {
            Path path;
            std::uint32_t at = hypotheses[top].next;
            for (; hypotheses[at].next != kNone; at = hypotheses[at].next) {
                path.push_back(hypotheses[at].node);
            }
            paths.push_back(std::move(path));
            if (paths.size() == count) break;
            continue;
        }
        double const sum = hypotheses[top].sum;
        for (NodeIndex const left : ends_[nodes_[hypotheses[top].node].begin]) {
            Node const& node = nodes_[left];
            agenda.push_back(static_cast<std::uint32_t>(hypotheses.size()));
            hypotheses.push_back({left, top, node.best + sum, node.score + sum});
            std::push_heap(agenda.begin(), agenda.end(), is_worse);
        }
        if (agenda.size() > kMaxAgenda) {
            std::size_t const kept =
                std::min(kKeptAgenda, count > kKeptAgenda ? count : count * 10);
            std::vector<std::uint32_t> best;
            for (std::size_t i = 0; i < kept; ++i) {
                std::pop_heap(agenda.begin(), agenda.end(), is_worse);
                best.push_back(agenda.back());
                agenda.pop_back();
            }
            agenda = std::move(best);  // sorted, the best first: a heap
        }
    }
    return paths;
}

std::vector<LatticePart> Lattice::parts(Path const& path) const {
    std::vector<LatticePart> result;
    for (NodeIndex const node : path) {
        result.push_back({nodes_[node].begin, nodes_[node].end, nodes_[node].id});
    }
    return result;
}

std::vector<LatticePart> Lattice::sample(double alpha) const {
    std::vector<double> sums(nodes_.size());
    for (std::uint32_t at = 0; at <= size_; ++at) {
        for (NodeIndex const right : begins_[at]) {
            for (NodeIndex const left : ends_[at]) {
                double const sum = alpha * (nodes_[left].score + sums[left]);
                // Nodes with the id of the first one begin the sum anew.
                bool const is_first = nodes_[left].id == nodes_[ends_[at][0]].id;
                sums[right] = is_first ? sum : log_sum_exp(sums[right], sum);
            }
        }
    }
    Path path;
    std::vector<double> weights;
    for (NodeIndex node = kEnd;;) {
        std::vector<NodeIndex> const& lefts = ends_[nodes_[node].begin];
        weights.clear();
        for (NodeIndex const left : lefts) {
            weights.push_back(std::exp(sums[left] + alpha * nodes_[left].score - sums[node]));
        }
        std::optional<std::size_t> const chosen = draw(weights);
        if (!chosen) {
            throw Error(ErrorKind::invalid_input, "Unigram: no way to cut the text can be sampled");
        }
        node = lefts[*chosen];
        if (node == kStart) break;
        path.push_back(node);
    }
    std::reverse(path.begin(), path.end());
    return parts(path);
}

std::vector<LatticePart> Lattice::sample_nbest(std::size_t count, double alpha) {
    std::vector<Path> const paths = nbest(count);
    if (paths.empty()) return parts(viterbi());
    std::vector<double> weights;
    for (Path const& path : paths) {
        double sum = 0;
        for (NodeIndex const node : path) sum += nodes_[node].score;
        weights.push_back(std::exp(alpha * sum));
    }
    return parts(paths[draw(weights).value_or(0)]);
}

}  // namespace

std::vector<LatticePart> sample_path(std::string_view text, UnigramTables const& tables,
                                     std::optional<std::size_t> unk_id, double alpha,
                                     std::optional<std::size_t> nbest_size) {
    Lattice lattice(text, tables, unk_id);
    if (nbest_size && *nbest_size > 0) return lattice.sample_nbest(*nbest_size, alpha);
    return lattice.sample(alpha);
}

}  // namespace tokmill::stages
