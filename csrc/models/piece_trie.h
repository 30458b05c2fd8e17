// All pieces that a text begins with: a trie over the bytes of the pieces, as a double array (Aoe
// 1989): the child of a node for the byte b stands at `base of the node XOR b`, so a step is one
// load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/inline.h"
#include "core/large_vector.h"

namespace tokmill::stages {

class PieceTrie {
 public:
    using Node = std::uint64_t;
    static constexpr std::uint32_t kNoPiece = 0xFFFFFFFFu;

    // Different texts, each standing for its place in the span; the empty text is left out. Throws
    // Error(unsupported_tokenizer) if there are too many.
    explicit PieceTrie(std::span<std::string_view const> pieces);
    PieceTrie() : PieceTrie(std::span<std::string_view const>{}) {}

    static Node root() noexcept { return kRootNode; }
    // A node without children and piece.
    static Node nowhere() noexcept { return Node{kEmptyBase} << kBaseShift; }
    // False if no piece goes on with this byte.
    TOKMILL_INLINE bool step(Node& node, unsigned char byte) const noexcept {
        node = nodes_[child(node, byte)];
        return is_child(node, byte);
    }
    // The node behind `text`; false if no piece begins with it.
    bool walk(Node& node, std::string_view text) const noexcept {
        for (char const c : text) {
            if (!step(node, static_cast<unsigned char>(c))) return false;
        }
        return true;
    }
    // The double array, for tries that keep more at a node.
    LargeVector<Node> const& nodes() const noexcept { return nodes_; }
    // Where the child of a node for a byte stands, if there is one.
    static TOKMILL_INLINE std::size_t child(Node node, unsigned char byte) noexcept {
        return (node >> kBaseShift & kBaseMask) ^ byte;
    }
    static TOKMILL_INLINE bool is_child(Node node, unsigned char byte) noexcept {
        return (node & kLabelMask) == (kTaken | byte);
    }
    // The piece that ends at a node, or kNoPiece.
    static std::uint32_t piece(Node node) noexcept {
        return static_cast<std::uint32_t>(node >> kPieceShift) - 1;
    }
    static bool has_piece(Node node) noexcept { return node >> kPieceShift != 0; }

 private:
    friend class PieceTrieBuilder;

    // A node: its byte (9 bits, the upper one set if the place is taken), the base of its children
    // (27 bits), its piece + 1 (28 bits, 0: none). Nodes without children have the empty block as
    // their base.
    static constexpr Node kTaken = 0x100, kLabelMask = 0x1FF;
    static constexpr unsigned kBaseShift = 9, kPieceShift = 36;
    static constexpr Node kBaseMask = (Node{1} << (kPieceShift - kBaseShift)) - 1;
    static constexpr std::size_t kBlock = 256;
    static constexpr std::uint32_t kRootBase = 0, kEmptyBase = kBlock;
    static constexpr Node kRootNode = Node{kRootBase} << kBaseShift;

    LargeVector<Node> nodes_;
};

}  // namespace tokmill::stages
