#include "models/unigram_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tokmill::stages {

UnigramTables::UnigramTables(std::vector<Unigram::Piece> const& vocabulary)
    : texts_(vocabulary.size()),
      scores_(vocabulary.size()),
      wholeness_(std::make_unique<std::atomic<Wholeness>[]>(vocabulary.size())) {
    std::size_t total = 0;
    for (Unigram::Piece const& piece : vocabulary) total += piece.text.size();
    pool_.resize(total);
    char* out = pool_.data();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double lowest = kInfinity;
    magnitude_ = 0;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        auto const& [text, score] = vocabulary[id];
        texts_[id] = {out, text.size()};
        out = std::copy(text.begin(), text.end(), out);
        scores_[id] = score;
        if (score < lowest) lowest = score;
        magnitude_ = std::max(magnitude_, std::abs(score));
    }
    constexpr double kUnkPenalty = 10;
    double const unk_score = lowest - kUnkPenalty;
    magnitude_ = std::max(magnitude_, std::abs(unk_score));
    if (!std::all_of(scores_.begin(), scores_.end(), [](double s) { return std::isfinite(s); })) {
        magnitude_ = kInfinity;
    }
    index_ = PieceIndex(texts_);
    std::vector<std::string_view> found(texts_);
    if (index_.has_duplicates()) {
        for (std::size_t id = 0; id < texts_.size(); ++id) {
            if (index_.find(texts_[id]) != id) found[id] = {};
        }
    }
    trie_ = UnigramTrie(found, scores_, unk_score);
    char token[] = "<0x00>";
    for (unsigned byte = 0; byte < 256; ++byte) {
        constexpr char kDigits[] = "0123456789ABCDEF";
        token[3] = kDigits[byte >> 4];
        token[4] = kDigits[byte & 15];
        bytes_[byte] = index_.find(std::string_view(token, 6));
    }
}

}  // namespace tokmill::stages
