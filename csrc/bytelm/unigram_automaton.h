// The pieces of a Unigram model as an Aho-Corasick automaton (Aho and Corasick 1975): behind each
// byte of a text it gives all pieces that end there, the longest first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tokmill::bytelm {

struct UnigramPiece {
    std::string_view bytes;
    double score;
    std::uint32_t place;  // in the vocabulary; kNoPlace: no token, though the model cuts it out
};

class UnigramAutomaton {
 public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;  // also: no such node, where the root makes no sense
    static constexpr Node kNoNode = 0xFFFFFFFF;
    static constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

    // Sorted by bytes, no two the same, none empty.
    explicit UnigramAutomaton(std::span<UnigramPiece const> pieces);

    std::size_t node_count() const noexcept { return nodes_.size(); }
    std::size_t depth(Node node) const noexcept { return nodes_[node].depth; }
    Node parent(Node node) const noexcept { return parents_[node]; }
    unsigned char byte(Node node) const noexcept { return bytes_[node]; }
    // Of the longest proper suffix that some piece begins with.
    Node suffix(Node node) const noexcept { return suffixes_[node]; }
    // Children have larger numbers than their parents.
    Node child(Node node, unsigned char byte) const noexcept;
    std::span<unsigned char const> child_bytes(Node node) const noexcept {
        return {bytes_.data() + first_child_[node], bytes_.data() + first_child_[node + 1]};
    }
    Node first_child(Node node) const noexcept { return first_child_[node]; }
    // The longest suffix of the text, continued by a byte, that some piece begins with.
    Node next(Node node, unsigned char byte) const noexcept;

    bool is_piece(Node node) const noexcept { return places_[node] != kInner; }
    double score(Node piece) const noexcept { return nodes_[piece].score; }
    std::uint32_t place(Node piece) const noexcept { return places_[piece]; }
    // The longest piece that the string of a node ends with, the whole string included; the longest
    // one shorter than that; kRoot if there is none.
    Node longest_piece(Node node) const noexcept {
        return is_piece(node) ? node : nodes_[node].shorter_piece;
    }
    Node shorter_piece(Node node) const noexcept { return nodes_[node].shorter_piece; }

 private:
    static constexpr std::uint32_t kInner = kNoPlace - 1;

    // Together, since a search needs all of it.
    struct NodeData {
        double score;
        std::uint32_t depth;
        Node shorter_piece;
    };

    void build_trie(std::span<UnigramPiece const> pieces);
    void link_suffixes();

    std::vector<NodeData> nodes_;  // in breadth-first order, so that children are neighbours
    std::vector<std::uint32_t> places_;
    std::vector<Node> parents_;
    std::vector<Node> suffixes_;
    std::vector<Node> first_child_;
    std::vector<unsigned char> bytes_;
    std::array<Node, 256> of_root_{};
};

}  // namespace tokmill::bytelm
