// For every place in a stretch of text, the longest of many strings that begins there, in time
// linear in the stretch whatever the strings are. This is the automaton of Aho and Corasick (1975)
// over the reversed strings, run from right to left: its state at a place is the longest text from
// there on that ends some string, so each place has one answer and nothing is read twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/token_trie.h"

namespace tokmill {

class TokenStarts {
 public:
    static constexpr std::uint32_t kNone = TokenTrie::kNone;

    explicit TokenStarts(TokenTrie const& strings);

    // starts[k] becomes the string that begins at begin + k, for begin + k < end.
    void find(std::string_view text, std::size_t begin, std::size_t end,
              std::uint32_t* starts) const;

 private:
    void build_nodes(TokenTrie const& strings);
    void link_nodes();
    std::uint32_t child(std::uint32_t node, std::uint8_t byte) const;
    std::uint32_t step(std::uint32_t node, std::uint8_t byte) const;

    std::size_t longest_length_;
    // Of each node, breadth first; the children of node v are [first_child_[v], first_child_[v +
    // 1]).
    std::vector<std::uint32_t> first_child_;
    std::vector<std::uint8_t> label_;
    std::vector<std::uint32_t> fail_;     // the longest proper suffix that is a node
    std::vector<std::uint32_t> longest_;  // the longest string among the node and its suffixes
};

}  // namespace tokmill
