// A trie over the bytes of pieces, as a double array (Aoe 1989): the child of a node for the byte b
// stands at `base of the node XOR b`, so a step is one load that gives the label, the piece and the
// base of the next step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "core/inline.h"
#include "core/large_vector.h"

namespace tokmill::sentencepiece {

class PieceTrie {
 public:
    static constexpr std::uint32_t kNone = 0x0FFFFFFF;

    PieceTrie() = default;
    // Sorted by bytes, without NUL, empty texts or duplicates; ids below kNone.
    explicit PieceTrie(std::span<std::pair<std::string_view, std::uint32_t> const> pieces);

    class Walk {
     public:
        std::uint32_t id() const noexcept { return static_cast<std::uint32_t>(node_ >> kIdShift); }
        bool at_end() const noexcept { return base() == 0; }

     private:
        friend class PieceTrie;
        std::size_t base() const noexcept { return node_ >> kBaseShift & kBaseMask; }
        std::uint64_t node_ = 0;
    };

    Walk begin() const noexcept {
        Walk walk;
        walk.node_ = root_;
        return walk;
    }
    // False if no piece goes on with `byte`; the walk is over then.
    TOKMILL_INLINE bool step(Walk& walk, unsigned char byte) const noexcept {
        walk.node_ = nodes_[walk.base() ^ byte];
        return (walk.node_ & kLabelMask) == byte;
    }

 private:
    friend class PieceTrieBuilder;

    // A node: label (9 bits; 0x100 where the place is free, and NUL never matches because no piece
    // holds it), base of the children (27 bits, 0: none), id (28 bits).
    static constexpr std::uint64_t kLabelMask = 0x1FF, kFree = 0x100;
    static constexpr unsigned kBaseShift = 9, kIdShift = 36;
    static constexpr std::size_t kBaseMask = (std::size_t{1} << (kIdShift - kBaseShift)) - 1;

    // The first 256 places are free: a node without children leads there.
    LargeVector<std::uint64_t> nodes_ = LargeVector<std::uint64_t>(256, kFree);
    std::uint64_t root_ = std::uint64_t{kNone} << kIdShift;
};

}  // namespace tokmill::sentencepiece
