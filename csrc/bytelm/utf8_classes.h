// Classes of characters as a deterministic automaton over the bytes of UTF-8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "regex/alphabet.h"

namespace tokmill::bytelm {

// The class of every code point; those of surrogates mean nothing.
using CodePointClasses = std::vector<std::uint16_t>;

struct ClassPair {
    std::vector<std::uint16_t> first;   // [class]
    std::vector<std::uint16_t> second;  // [class]
};

// Splits classes until none holds members of two classes of `alphabet`; returns what each of the
// new ones is part of: the class that it was, and that of the alphabet. Throws
// Error(unsupported_tokenizer) if there are too many.
ClassPair refine_classes(CodePointClasses& classes, regex::Alphabet const& alphabet);

class Utf8Classes {
 public:
    // Where a byte leads: another node, or as a completed character a class, or nowhere.
    using Target = std::uint32_t;
    static constexpr Target kInvalid = 0xFFFFFFFF;
    static constexpr Target kClassBit = 0x80000000;
    static constexpr bool is_class(Target target) noexcept {
        return target != kInvalid && (target & kClassBit) != 0;
    }
    static constexpr std::uint32_t class_of(Target target) noexcept { return target & ~kClassBit; }

    // The beginning of a character.
    static constexpr std::uint32_t kRoot = 0;

    explicit Utf8Classes(CodePointClasses const& classes);

    Target after(std::uint32_t node, unsigned char byte) const noexcept {
        if (node == kRoot) return root_[byte];
        return (byte & 0xC0) == 0x80 ? nodes_[node][byte & 0x3F] : kInvalid;
    }
    std::size_t node_count() const noexcept { return nodes_.size(); }
    // The classes of all characters that begin as the node does, ascending; not of the root.
    std::span<std::uint32_t const> classes_below(std::uint32_t node) const noexcept {
        return below_[node];
    }

    // Bytes that no node tells apart have the same number.
    std::array<std::uint8_t, 256> const& byte_classes() const noexcept { return byte_classes_; }
    std::size_t byte_class_count() const noexcept { return byte_class_count_; }

 private:
    using Node = std::array<Target, 64>;  // by the low bits of a continuation byte

    void build(CodePointClasses const& classes);
    void list_classes();
    void classify_bytes();

    std::array<Target, 256> root_;
    std::vector<Node> nodes_;
    std::vector<std::vector<std::uint32_t>> below_;
    std::array<std::uint8_t, 256> byte_classes_{};
    std::size_t byte_class_count_ = 0;
};

}  // namespace tokmill::bytelm
