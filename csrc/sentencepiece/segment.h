// What a model makes of a normalized text: consecutive segments that cover it.
#pragma once

#include <cstdint>
#include <vector>

namespace tokmill::sentencepiece {

struct Segment {
    std::uint32_t size;  // in bytes
    std::int32_t id;     // of a piece, or the model's unknown id (-1 if it has none)
};

using Segments = std::vector<Segment>;

struct ScoredSegments {
    Segments segments;
    float score = 0;
};

}  // namespace tokmill::sentencepiece
