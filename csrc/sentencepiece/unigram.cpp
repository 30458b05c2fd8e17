#include "sentencepiece/unigram.h"

#include <algorithm>
#include <atomic>
#include <cfloat>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "sentencepiece/lattice.h"
#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

constexpr float kUnknownPenalty = 10.0f;
// Sums beyond this are brought back to zero, or the floats would lose the scores of pieces.
constexpr float kMaxSum = 100000.0f;

std::atomic<int> timeout_ms{30000};

}  // namespace

void set_nbest_timeout(int milliseconds) {
    timeout_ms.store(milliseconds);
}
int nbest_timeout() {
    return timeout_ms.load();
}

UnigramModel::UnigramModel(Vocabulary const& vocabulary)
    : vocabulary_(vocabulary), scores_(vocabulary.size()) {
    float lowest = FLT_MAX;
    std::vector<std::pair<std::string_view, std::uint32_t>> pieces;
    bool any = false;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        Piece const& piece = vocabulary[id];
        if (!std::isfinite(piece.score)) {
            throw Error(ErrorKind::invalid_tokenizer, "score is NaN or Inf.");
        }
        if (piece.type == PieceType::normal) lowest = std::min(lowest, piece.score);
        scores_[id] = piece.type == PieceType::user_defined
                          ? user_defined_score(static_cast<int>(piece.text.size()))
                          : piece.score;
        if (!Vocabulary::is_segment(piece.type) || !vocabulary.is_findable(id)) continue;
        any = true;
        if (piece.type != PieceType::unused) {
            pieces.emplace_back(piece.text, static_cast<std::uint32_t>(id));
        }
    }
    if (!any) throw Error(ErrorKind::invalid_tokenizer, "no pieces are loaded.");
    std::sort(pieces.begin(), pieces.end());
    trie_ = PieceTrie(pieces);
    unknown_score_ = lowest - kUnknownPenalty;
}

void UnigramModel::rebase(std::vector<Node>& nodes, std::size_t at, std::size_t last) const {
    float const offset = nodes[at].score;
    for (std::size_t i = at; i <= last; ++i) {
        if (i == at || nodes[i].begin != kUnreached) nodes[i].score -= offset;
    }
}

void UnigramModel::segment(std::string_view text, float& score, std::vector<Node>& nodes,
                           Segments& out) const {
    std::size_t const size = text.size();
    nodes.assign(size + 1, {0, 0, kUnreached});
    nodes[0].score = score;
    auto const reach = [&nodes](std::size_t end, std::size_t begin, float sum, std::int32_t id) {
        Node& node = nodes[end];
        if (node.begin != kUnreached && !(sum > node.score)) return;
        node = {sum, id, static_cast<std::uint32_t>(begin)};
    };
    std::size_t frontier = 0;  // the last byte that a path reaches
    for (std::size_t begin = 0; begin < size;) {
        if (std::fabs(nodes[begin].score) > kMaxSum) rebase(nodes, begin, frontier);
        float const sum = nodes[begin].score;
        std::size_t const first = char_size(text.substr(begin));
        bool covered = false;  // by a piece of this one character
        PieceTrie::Walk walk = trie_.begin();
        for (std::size_t end = begin; end < size;) {
            if (!trie_.step(walk, static_cast<unsigned char>(text[end]))) break;
            ++end;
            if (walk.id() == PieceTrie::kNone) continue;
            frontier = std::max(frontier, end);
            reach(end, begin, scores_[walk.id()] + sum, static_cast<std::int32_t>(walk.id()));
            covered = covered || end - begin == first;
        }
        if (!covered) {
            frontier = std::max(frontier, begin + first);
            reach(begin + first, begin, unknown_score_ + sum, vocabulary_.unknown());
        }
        begin += first;
    }
    score = nodes[size].score;

    std::size_t const before = out.size();
    for (std::size_t end = size; end > 0; end = nodes[end].begin) {
        out.push_back({static_cast<std::uint32_t>(end) - nodes[end].begin, nodes[end].id});
    }
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
}

double UnigramModel::best_with_margin(std::string_view text, Margin& scratch,
                                      std::vector<std::uint32_t>& ids) const {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    auto& nodes = scratch.nodes;
    nodes.assign(text.size() + 1, {kNever, kNever, 0, PieceTrie::kNone});
    nodes[0].best = 0;
    auto const reach = [&nodes](std::size_t end, std::size_t begin, double score,
                                std::uint32_t id) {
        auto& node = nodes[end];
        double const best = nodes[begin].best + score, second = nodes[begin].second + score;
        if (best > node.best) {
            node.second = std::max(node.best, second);
            node.best = best;
            node.begin = static_cast<std::uint32_t>(begin);
            node.id = id;
        } else {
            node.second = std::max(node.second, best);
        }
    };
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t const first = char_size(text.substr(begin));
        bool covered = false;
        PieceTrie::Walk walk = trie_.begin();
        for (std::size_t end = begin; end < text.size();) {
            if (!trie_.step(walk, static_cast<unsigned char>(text[end]))) break;
            ++end;
            if (walk.id() == PieceTrie::kNone) continue;
            reach(end, begin, double{scores_[walk.id()]}, walk.id());
            covered = covered || end - begin == first;
        }
        if (!covered) reach(begin + first, begin, double{unknown_score_}, PieceTrie::kNone);
        begin += first;
    }
    std::size_t const before = ids.size();
    for (std::size_t end = text.size(); end > 0; end = nodes[end].begin) {
        if (nodes[end].id == PieceTrie::kNone) {
            ids.resize(before);
            return -1;
        }
        ids.push_back(nodes[end].id);
    }
    std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
    return nodes.back().best - nodes.back().second;
}

std::vector<ScoredSegments> UnigramModel::best(std::string_view text, std::size_t count) const {
    if (text.empty()) return {{}};
    if (count > 1) return Lattice(*this, text).best(count);
    ScoredSegments only;
    std::vector<Node> nodes;
    float score = 0;
    segment(text, score, nodes, only.segments);
    return {only};
}

Segments UnigramModel::sample(std::string_view text, float inv_theta) const {
    if (text.empty()) return {};
    return Lattice(*this, text).sample(inv_theta);
}

}  // namespace tokmill::sentencepiece
