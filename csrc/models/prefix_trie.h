// The longest symbol that a text begins with: a trie over the bytes of all symbols, as a double
// array (Aoe 1989): the child of a node for the byte b stands at `base of the node XOR b`, so a
// step is one load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/array.h"
#include "core/inline.h"

namespace tokmill {

class PrefixTrie {
 public:
    struct Match {
        std::uint32_t symbol, size;
    };

    // The bytes of all symbols; the first 256 are the single bytes. Sets `shorter[s]` to the
    // longest symbol that is a proper prefix of symbol s, or kNoSymbol.
    PrefixTrie(std::span<std::string_view const> symbols, std::span<std::uint32_t> shorter);
    explicit PrefixTrie(Array<std::uint64_t> nodes);  // snapshot form
    PrefixTrie() = default;
    Array<std::uint64_t> const& nodes() const noexcept { return nodes_; }

    static constexpr std::uint32_t kNoSymbol = 0xFFFFFFFF;
    static constexpr std::size_t kBlock = 256;  // nodes come in whole blocks

    // True if a search can never leave the array, whatever the text.
    static bool is_closed(std::uint64_t node, std::size_t nodes, std::size_t symbols) noexcept {
        return (base_of(node) | (kBlock - 1)) < nodes && node >> kSymbolShift <= symbols;
    }

    // `text` < `end`.
    TOKMILL_INLINE Match longest(unsigned char const* text,
                                 unsigned char const* end) const noexcept {
        if (end - text == 1) return {*text, 1};
        std::uint64_t node = starts_data_[text[0] << 8 | text[1]];
        Match match{static_cast<std::uint32_t>(node >> kSymbolShift),
                    static_cast<std::uint32_t>(node & kLabelMask)};
        for (unsigned char const* p = text + 2; p < end && base_of(node) != 0;) {
            node = nodes_data_[base_of(node) ^ *p];
            if ((node & kLabelMask) != (kTaken | *p)) break;
            ++p;
            auto const symbol = static_cast<std::uint32_t>(node >> kSymbolShift);
            match.size = symbol != 0 ? static_cast<std::uint32_t>(p - text) : match.size;
            match.symbol = symbol != 0 ? symbol - 1 : match.symbol;
        }
        return match;
    }

 private:
    friend class PrefixTrieBuilder;

    // A node: its byte (9 bits, the upper one set if the place is taken), the base of its children
    // (27 bits, 0: none), its symbol + 1 (28 bits, 0: none).
    static constexpr std::uint64_t kTaken = 0x100, kLabelMask = 0x1FF;
    static constexpr unsigned kBaseShift = 9, kSymbolShift = 36;
    static TOKMILL_INLINE std::size_t base_of(std::uint64_t node) noexcept {
        return node >> kBaseShift & ((std::size_t{1} << (kSymbolShift - kBaseShift)) - 1);
    }
    void attach();

    Array<std::uint64_t> nodes_;  // the first block holds the nodes of the single bytes
    // For two bytes: the longest symbol (not + 1) among them, its size in place of the byte, and
    // the base of the node of both.
    Array<std::uint64_t> starts_;
    std::uint64_t const* nodes_data_ = nullptr;
    std::uint64_t const* starts_data_ = nullptr;
};

}  // namespace tokmill
