// The longest of many strings that begins at a place in a text: a trie whose chains of single
// children are compressed (Morrison's Patricia), laid out in flat arrays, breadth first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill {

class TokenTrie {
 public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    // `strings` are sorted by their bytes, distinct and not empty; at most 4 GiB in all, or
    // Error(invalid_tokenizer) is thrown.
    explicit TokenTrie(std::span<std::string_view const> strings);

    struct Match {
        std::uint32_t string = kNone;  // index of the longest string that begins there
        std::size_t length = 0;        // its length
        std::size_t work = 0;          // what the search cost, in steps of about equal time
    };
    Match longest_at(std::string_view text, std::size_t position) const;

    std::size_t size() const noexcept { return offset_.size() - 1; }
    std::string_view string(std::uint32_t index) const noexcept {
        return {pool_.data() + offset_[index], offset_[index + 1] - offset_[index]};
    }
    std::size_t longest_length() const noexcept { return longest_length_; }

 private:
    struct Node {
        std::uint32_t depth;        // how many bytes the path from the root spells
        std::uint32_t first;        // a string that begins with them: the first of its range
        std::uint32_t first_child;  // children are contiguous
        std::uint16_t children;
        bool is_string;  // `first` ends here
        // Runs of one character are often added in every length. Where a string is continued by
        // exactly one byte to another string, and so on: how often, and the node at the end.
        std::uint32_t chain;
        std::uint32_t chain_end;
    };

    void build_nodes();
    void find_chains();
    std::uint32_t child(Node const& node, std::uint8_t byte) const;

    std::string pool_;  // the strings back to back
    std::vector<std::uint32_t> offset_;
    std::vector<Node> nodes_;
    std::vector<std::uint8_t> label_;     // of each node: the first byte behind its parent's path
    std::uint32_t root_child_[256] = {};  // 0: none (the root is nobody's child)
    std::size_t longest_length_ = 0;
};

}  // namespace tokmill
