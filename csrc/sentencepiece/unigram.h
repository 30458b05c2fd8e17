// The unigram language model: the segmentation whose pieces have the largest sum of scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sentencepiece/piece_trie.h"
#include "sentencepiece/segment.h"
#include "sentencepiece/vocabulary.h"

namespace tokmill::sentencepiece {

class UnigramModel {
 public:
    // `vocabulary` must outlive the model. Throws invalid_tokenizer.
    explicit UnigramModel(Vocabulary const& vocabulary);

    // The best path to each byte.
    struct Node {
        float score;
        std::int32_t id;
        std::uint32_t begin;  // of its last segment, kUnreached if there is none
    };

    // Appends the best segments of a text. Scores are sums of 32-bit floats from left to right, so
    // that the sum up to the text, `score`, can decide: it is carried on to the end of the text.
    void segment(std::string_view text, float& score, std::vector<Node>& nodes,
                 Segments& out) const;

    // The two best paths to each byte, in double precision: scratch of best_with_margin().
    struct Margin {
        struct Node {
            double best, second;
            std::uint32_t begin, id;
        };
        std::vector<Node> nodes;
    };
    // Appends the ids of the best segments in exact arithmetic, and returns by how much their score
    // is better than that of any other segmentation (infinity if there is none); negative (and no
    // ids) if a character is unknown. For short texts.
    double best_with_margin(std::string_view text, Margin& scratch,
                            std::vector<std::uint32_t>& ids) const;

    // The `count` best, the best first. At least one.
    std::vector<ScoredSegments> best(std::string_view text, std::size_t count) const;
    // One of all, drawn with the probability that `inv_theta` times its score gives.
    Segments sample(std::string_view text, float inv_theta) const;

    PieceTrie const& trie() const noexcept { return trie_; }
    Vocabulary const& vocabulary() const noexcept { return vocabulary_; }
    float unknown_score() const noexcept { return unknown_score_; }
    // The score of a user-defined symbol beats any sum of others, and longer ones are better.
    // `length` is in bytes where the best path is wanted, otherwise in characters.
    static float user_defined_score(int length) noexcept {
        return static_cast<float>(0.1 * (length - 1));
    }
    // Of a piece in the search for the best path.
    float score(std::size_t id) const noexcept { return scores_[id]; }

 private:
    static constexpr std::uint32_t kUnreached = 0xFFFFFFFF;

    void rebase(std::vector<Node>& nodes, std::size_t at, std::size_t last) const;

    Vocabulary const& vocabulary_;
    PieceTrie trie_;
    std::vector<float> scores_;
    float unknown_score_ = 0;
};

// Milliseconds after which the search for the n best segmentations gives only the best one; 0 or
// less: never. For the whole process.
void set_nbest_timeout(int milliseconds);
int nbest_timeout();

}  // namespace tokmill::sentencepiece
