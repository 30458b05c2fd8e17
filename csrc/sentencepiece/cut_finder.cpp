#include "sentencepiece/cut_finder.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tokmill::sentencepiece {

CutFinder::CutFinder(Vocabulary const& vocabulary) {
    std::vector<std::uint64_t> pairs;
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
        if (!Vocabulary::is_segment(vocabulary[id].type)) continue;
        std::string_view const piece = vocabulary[id].text;
        Char previous = 0;
        for (std::size_t at = 0; at < piece.size();) {
            std::size_t const size = char_size(piece.substr(at));
            Char next = 0;
            std::memcpy(&next, piece.data() + at, size);
            if (at != 0) pairs.push_back(std::uint64_t{previous} << 32 | next);
            previous = next;
            at += size;
        }
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    // Sparse enough that few other pairs are taken for neighbours.
    std::size_t const bits = std::bit_ceil(std::max<std::size_t>(16 * pairs.size(), 4096));
    others_.resize(bits / 64);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(bits));
    for (std::uint64_t const pair : pairs) {
        add(static_cast<Char>(pair >> 32), static_cast<Char>(pair));
    }
}

void CutFinder::add(Char a, Char b) noexcept {
    if ((a | b) < 0x80) {
        ascii_[a][b >> 6] |= std::uint64_t{1} << (b & 63);
        return;
    }
    std::size_t const bit = hash(a, b) >> shift_;
    others_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
}

}  // namespace tokmill::sentencepiece
