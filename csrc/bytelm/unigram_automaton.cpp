#include "bytelm/unigram_automaton.h"

#include <algorithm>

namespace tokmill::bytelm {

UnigramAutomaton::UnigramAutomaton(std::span<UnigramPiece const> pieces) {
    build_trie(pieces);
    link_suffixes();
}

void UnigramAutomaton::build_trie(std::span<UnigramPiece const> pieces) {
    // The pieces that begin with the string of each node.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
    auto const add = [&](Node parent, unsigned char byte, std::size_t begin, std::size_t end) {
        auto const depth =
            static_cast<std::uint32_t>(ranges.empty() ? 0 : nodes_[parent].depth + 1);
        nodes_.push_back({0, depth, kRoot});
        places_.push_back(kInner);
        parents_.push_back(parent);
        bytes_.push_back(byte);
        ranges.emplace_back(begin, end);
    };
    add(kRoot, 0, 0, pieces.size());
    for (Node node = 0; node < nodes_.size(); ++node) {
        auto [begin, end] = ranges[node];
        std::size_t const depth = nodes_[node].depth;
        if (begin < end && pieces[begin].bytes.size() == depth) {
            nodes_[node].score = pieces[begin].score;
            places_[node] = pieces[begin].place;
            ++begin;
        }
        first_child_.push_back(static_cast<Node>(nodes_.size()));
        while (begin < end) {
            auto const byte = static_cast<unsigned char>(pieces[begin].bytes[depth]);
            std::uint32_t behind = begin + 1;
            while (behind < end &&
                   static_cast<unsigned char>(pieces[behind].bytes[depth]) == byte) {
                ++behind;
            }
            if (node == kRoot) of_root_[byte] = static_cast<Node>(nodes_.size());
            add(node, byte, begin, behind);
            begin = behind;
        }
    }
    first_child_.push_back(static_cast<Node>(nodes_.size()));
}

UnigramAutomaton::Node UnigramAutomaton::child(Node node, unsigned char byte) const noexcept {
    if (node == kRoot) return of_root_[byte] != kRoot ? of_root_[byte] : kNoNode;
    auto const first = bytes_.begin() + first_child_[node];
    auto const last = bytes_.begin() + first_child_[node + 1];
    constexpr std::ptrdiff_t kFew = 8;
    auto const found =
        last - first <= kFew ? std::find(first, last, byte) : std::lower_bound(first, last, byte);
    if (found == last || *found != byte) return kNoNode;
    return static_cast<Node>(found - bytes_.begin());
}

UnigramAutomaton::Node UnigramAutomaton::next(Node node, unsigned char byte) const noexcept {
    while (node != kRoot) {
        Node const found = child(node, byte);
        if (found != kNoNode) return found;
        node = suffixes_[node];
    }
    return of_root_[byte];
}

void UnigramAutomaton::link_suffixes() {
    suffixes_.assign(nodes_.size(), kRoot);
    for (Node node = 1; node < nodes_.size(); ++node) {
        if (parents_[node] != kRoot) {
            suffixes_[node] = next(suffixes_[parents_[node]], bytes_[node]);
        }
        nodes_[node].shorter_piece = longest_piece(suffixes_[node]);
    }
}

}  // namespace tokmill::bytelm
