// The tokens of a language model as byte strings, sorted, and the trie over them.
//
// A place is a position in the sorted vocabulary. The tokens that begin with the string of a trie
// node occupy the places [begin, end); those equal to it (ids may share a string) come first, up to
// `longer`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tokmill::bytelm {

class ByteVocabulary {
 public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNoNode = 0xFFFFFFFF;

    // `tokens[id]`: the bytes of a token; nothing for one that stands for no bytes (special).
    // Throws Error(invalid_tokenizer) for an empty byte string: it would stand for nothing.
    explicit ByteVocabulary(std::span<std::optional<std::string_view> const> tokens);

    std::size_t id_count() const noexcept { return id_count_; }  // special ones included
    std::size_t places() const noexcept { return ids_.size(); }
    std::uint32_t id(std::size_t place) const noexcept { return ids_[place]; }
    std::span<std::uint32_t const> ids() const noexcept { return ids_; }
    std::span<std::uint32_t const> special_ids() const noexcept { return special_ids_; }
    // Place of an id; nothing for a special token or a number that is no id.
    std::optional<std::uint32_t> place(std::uint32_t id) const noexcept;
    std::string_view bytes(std::size_t place) const noexcept {
        return {pool_.data() + starts_[place], starts_[place + 1] - starts_[place]};
    }
    std::size_t longest() const noexcept { return longest_; }

    struct Range {
        std::uint32_t begin, longer, end;
    };
    Range range(Node node) const noexcept { return ranges_[node]; }
    std::size_t node_count() const noexcept { return ranges_.size(); }
    // Nodes are numbered so that a child has a larger number than its parent.
    Node child(Node node, unsigned char byte) const noexcept;
    struct Child {
        unsigned char byte;
        Node node;
    };
    // In the order of their bytes.
    std::span<Child const> children(Node node) const noexcept {
        return {children_.data() + first_child_[node], children_.data() + first_child_[node + 1]};
    }

 private:
    void sort_tokens(std::span<std::optional<std::string_view> const> tokens);
    void build_trie();

    std::size_t id_count_ = 0;
    std::size_t longest_ = 0;
    std::vector<std::uint32_t> ids_;          // by place
    std::vector<std::uint32_t> place_of_;     // by id
    std::vector<std::uint32_t> special_ids_;  // ascending
    std::vector<char> pool_;
    std::vector<std::uint32_t> starts_;
    std::vector<Range> ranges_;
    std::vector<std::uint32_t> first_child_;
    std::vector<Child> children_;
};

}  // namespace tokmill::bytelm
