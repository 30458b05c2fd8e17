// All segmentations of a text under a unigram model, as a graph: for the best few, and for drawing
// one at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sentencepiece/segment.h"
#include "sentencepiece/unigram.h"

namespace tokmill::sentencepiece {

class Lattice {
 public:
    // `text` must not be empty.
    Lattice(UnigramModel const& model, std::string_view text);

    // Found by a search from the end of the text (A*) with the best score of what is left as the
    // estimate, which is exact. Under the limits of the reference, with fewer results or only the
    // best one where the search would take too long.
    std::vector<ScoredSegments> best(std::size_t count);
    // By forward filtering and backward sampling.
    Segments sample(float inv_theta) const;

 private:
    using Index = std::uint32_t;
    static constexpr Index kNone = 0xFFFFFFFF, kBegin = 0, kEnd = 1;

    struct Node {
        std::uint32_t position;  // in characters
        std::uint32_t size;      // in bytes
        std::int32_t id;
        float score;
        float best_score = 0;  // up to and with this node
        Index best_previous = kNone;
    };

    std::size_t length() const noexcept { return offsets_.size() - 1; }
    void insert(std::size_t position, std::size_t length, std::int32_t id, float score);
    void add_pieces(UnigramModel const& model, std::string_view text, std::size_t position);
    void find_best_paths();
    void connect_best(Index node);
    ScoredSegments best_path() const;
    std::vector<float> forward(float inv_theta) const;

    std::vector<std::size_t> offsets_;        // of the characters, and of the end
    std::vector<Node> nodes_;                 // by position, but for the first two
    std::vector<Index> first_;                // the first node at each position
    std::vector<std::vector<Index>> ending_;  // the nodes that end at each position

    friend class NBestSearch;
};

}  // namespace tokmill::sentencepiece
