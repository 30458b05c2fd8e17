// Construction and search of the compressed trie.
#include "pipeline/token_trie.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace tokmill {

namespace {

// How many of the first `limit` bytes are the same.
std::size_t common_prefix(char const* a, char const* b, std::size_t limit) {
    std::size_t i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        for (; limit - i >= 8; i += 8) {
            std::uint64_t x, y;
            std::memcpy(&x, a + i, 8);
            std::memcpy(&y, b + i, 8);
            if (x != y) return i + static_cast<std::size_t>(std::countr_zero(x ^ y)) / 8;
        }
    }
    while (i < limit && a[i] == b[i]) ++i;
    return i;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
    return common_prefix(a.data(), b.data(), std::min(a.size(), b.size()));
}

}  // namespace

TokenTrie::TokenTrie(std::span<std::string_view const> strings) {
    std::size_t total = 0;
    for (std::string_view const s : strings) {
        total += s.size();
        longest_length_ = std::max(longest_length_, s.size());
    }
    if (total >= std::numeric_limits<std::uint32_t>::max() / 2) {
        throw Error(ErrorKind::invalid_tokenizer, "the added tokens are larger than 2 GiB");
    }
    pool_.reserve(total);
    offset_.reserve(strings.size() + 1);
    for (std::string_view const s : strings) {
        offset_.push_back(static_cast<std::uint32_t>(pool_.size()));
        pool_ += s;
    }
    offset_.push_back(static_cast<std::uint32_t>(pool_.size()));
    build_nodes();
    find_chains();
}

// A node stands for the range of sorted strings that share its path. Looking at each string of the
// range once a node costs no more than the total length of the strings, because every node is at
// least one byte deeper than its parent.
void TokenTrie::build_nodes() {
    std::vector<std::uint32_t> range_end = {static_cast<std::uint32_t>(size())};
    nodes_.push_back({0, 0, 1, 0, false, 0, 0});
    label_.push_back(0);
    for (std::uint32_t v = 0; v < nodes_.size(); ++v) {
        std::uint32_t const depth = nodes_[v].depth;
        std::uint32_t i = nodes_[v].first;
        nodes_[v].first_child = static_cast<std::uint32_t>(nodes_.size());
        if (string(i).size() == depth) {
            nodes_[v].is_string = true;
            ++i;
        }
        while (i < range_end[v]) {
            char const byte = string(i)[depth];
            std::uint32_t end = i + 1;
            while (end < range_end[v] && string(end)[depth] == byte) ++end;
            std::size_t const child_depth = common_prefix(string(i), string(end - 1));
            if (v == 0) {
                root_child_[static_cast<std::uint8_t>(byte)] =
                    static_cast<std::uint32_t>(nodes_.size());
            }
            nodes_.push_back({static_cast<std::uint32_t>(child_depth), i, 0, 0, false, 0, 0});
            label_.push_back(static_cast<std::uint8_t>(byte));
            range_end.push_back(end);
            ++nodes_[v].children;
            i = end;
        }
    }
}

void TokenTrie::find_chains() {
    // Children come behind their parents.
    for (std::size_t v = nodes_.size(); v-- > 0;) {
        Node& node = nodes_[v];
        node.chain_end = static_cast<std::uint32_t>(v);
        if (!node.is_string || node.children != 1) continue;
        Node const& next = nodes_[node.first_child];
        if (!next.is_string || next.depth != node.depth + 1) continue;
        node.chain = next.chain + 1;
        node.chain_end = next.chain_end;
    }
}

std::uint32_t TokenTrie::child(Node const& node, std::uint8_t byte) const {
    std::uint8_t const* const labels = label_.data() + node.first_child;
    if (node.children < 8) {
        for (std::uint32_t k = 0; k < node.children; ++k) {
            if (labels[k] == byte) return node.first_child + k;
        }
        return 0;
    }
    void const* const found = std::memchr(labels, byte, node.children);
    if (found == nullptr) return 0;
    return node.first_child +
           static_cast<std::uint32_t>(static_cast<std::uint8_t const*>(found) - labels);
}

TokenTrie::Match TokenTrie::longest_at(std::string_view text, std::size_t position) const {
    Match best;
    std::size_t const available = text.size() - position;
    char const* const begin = text.data() + position;
    std::size_t depth = 0;
    std::uint32_t v = available != 0 ? root_child_[static_cast<std::uint8_t>(*begin)] : 0;
    while (v != 0) {
        Node const* node = &nodes_[v];
        std::size_t const path = node->depth - depth;
        best.work += 1 + path / 32;
        if (node->depth > available) break;
        // The first byte of the path has been compared already.
        char const* const expected = pool_.data() + offset_[node->first];
        if (path > 1 && std::memcmp(begin + depth + 1, expected + depth + 1, path - 1) != 0) break;
        depth = node->depth;
        if (node->is_string) {
            best.string = node->first;
            best.length = depth;
        }
        if (node->chain != 0) {
            // The strings of the chain follow each other in the sorted order.
            char const* const last = pool_.data() + offset_[node->first + node->chain];
            std::size_t const limit = std::min<std::size_t>(node->chain, available - depth);
            std::size_t const steps = common_prefix(begin + depth, last + depth, limit);
            best.string += static_cast<std::uint32_t>(steps);
            best.length += steps;
            best.work += steps / 32;
            if (steps < node->chain) break;
            node = &nodes_[node->chain_end];
            depth = node->depth;
        }
        if (depth == available) break;
        v = child(*node, static_cast<std::uint8_t>(begin[depth]));
    }
    return best;
}

}  // namespace tokmill
