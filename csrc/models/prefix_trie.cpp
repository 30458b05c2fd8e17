#include "models/prefix_trie.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "models/trie_placement.h"

namespace tokmill {
namespace {

using Byte = unsigned char;

Byte byte_at(std::string_view text, std::size_t i) {
    return static_cast<Byte>(text[i]);
}

// Symbols in the order of their bytes, which stand together in that order, too.
class SortedSymbols {
 public:
    struct Item {
        std::string_view bytes;
        std::uint32_t symbol;
    };

    explicit SortedSymbols(std::span<std::string_view const> symbols) : items_(symbols.size()) {
        struct Key {
            std::uint64_t head;  // the first eight bytes, the first one on top
            std::uint32_t symbol;
        };
        std::vector<Key> keys(symbols.size());
        std::size_t total = 0;
        for (std::uint32_t s = 0; s < symbols.size(); ++s) {
            std::uint64_t head = 0;
            for (std::size_t i = 0; i < 8; ++i) {
                head = head << 8 | (i < symbols[s].size() ? byte_at(symbols[s], i) : 0);
            }
            keys[s] = {head, s};
            total += symbols[s].size();
        }
        std::sort(keys.begin(), keys.end(), [&](Key const& a, Key const& b) {
            return a.head != b.head ? a.head < b.head : symbols[a.symbol] < symbols[b.symbol];
        });
        pool_.resize(total);
        char* out = pool_.data();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            std::string_view const bytes = symbols[keys[i].symbol];
            items_[i] = {{out, bytes.size()}, keys[i].symbol};
            out = std::copy(bytes.begin(), bytes.end(), out);
        }
    }
    std::size_t size() const { return items_.size(); }
    Item const& operator[](std::size_t i) const { return items_[i]; }

 private:
    std::vector<char> pool_;
    std::vector<Item> items_;
};

}  // namespace

// Finds the nodes, then a place for each.
class PrefixTrieBuilder {
 public:
    PrefixTrieBuilder(std::span<std::string_view const> symbols, std::span<std::uint32_t> shorter)
        : shorter_(shorter), symbols_(symbols) {
        nodes_.reserve(symbols.size() * 5 / 2);
        std::vector<Range> rest{
            {kRoot, 0, static_cast<std::uint32_t>(symbols.size()), 0, PrefixTrie::kNoSymbol}};
        while (!rest.empty()) {
            Range const range = rest.back();
            rest.pop_back();
            add_children(range, rest);
        }
    }

    LargeVector<std::uint64_t> run() {
        static_assert(TriePlacement<Node>::kBlock == kBlock);
        TriePlacement<Node> placement(nodes_, 0, 1);
        placement.use_base(0);
        placement.run();
        LargeVector<std::uint64_t> result(placement.size());
        if (result.size() >> (PrefixTrie::kSymbolShift - PrefixTrie::kBaseShift) != 0) {
            throw Error(ErrorKind::unsupported_tokenizer, "a vocabulary with too many prefixes");
        }
        for (std::size_t i = 0; i < kBlock; ++i) result[i] = entry(nodes_[i]);
        for (Node const& parent : nodes_) {
            for (std::uint32_t n = 0; n < parent.children; ++n) {
                Node const& child = nodes_[parent.first_child + n];
                result[parent.base ^ child.label] = entry(child);
            }
        }
        return result;
    }

 private:
    static constexpr std::size_t kBlock = PrefixTrie::kBlock;

    struct Node {
        std::uint32_t first_child, children, base;
        std::uint32_t symbol;  // kNoSymbol if none
        Byte label;
    };
    // The symbols below a node, and the longest that is a prefix of theirs.
    struct Range {
        std::uint32_t node, begin, end, depth, longest;
    };
    static constexpr std::uint32_t kRoot = 0xFFFFFFFF;

    static std::uint64_t entry(Node const& node) {
        std::uint64_t const symbol =
            node.symbol == PrefixTrie::kNoSymbol ? 0 : std::uint64_t{node.symbol} + 1;
        return symbol << PrefixTrie::kSymbolShift |
               std::uint64_t{node.base} << PrefixTrie::kBaseShift | PrefixTrie::kTaken | node.label;
    }

    // One behind the other; what is below them goes to `rest`.
    void add_children(Range const& range, std::vector<Range>& rest) {
        std::size_t const first = nodes_.size();
        for (std::uint32_t begin = range.begin; begin < range.end;) {
            Byte const label = byte_at(symbols_[begin].bytes, range.depth);
            std::uint32_t end = begin + 1;
            while (end < range.end && byte_at(symbols_[end].bytes, range.depth) == label) ++end;
            auto const node = static_cast<std::uint32_t>(nodes_.size());
            std::uint32_t symbol = PrefixTrie::kNoSymbol;
            if (symbols_[begin].bytes.size() == range.depth + 1) {
                symbol = symbols_[begin++].symbol;
                shorter_[symbol] = range.longest;
            }
            nodes_.push_back({0, 0, 0, symbol, label});
            if (begin < end) {
                rest.push_back({node, begin, end, range.depth + 1,
                                symbol == PrefixTrie::kNoSymbol ? range.longest : symbol});
            }
            begin = end;
        }
        if (range.node == kRoot) return;
        nodes_[range.node].first_child = static_cast<std::uint32_t>(first);
        nodes_[range.node].children = static_cast<std::uint32_t>(nodes_.size() - first);
    }

    std::span<std::uint32_t> shorter_;
    SortedSymbols symbols_;
    LargeVector<Node> nodes_;
};

PrefixTrie::PrefixTrie(std::span<std::string_view const> symbols, std::span<std::uint32_t> shorter)
    : nodes_(PrefixTrieBuilder(symbols, shorter).run()) {
    attach();
}

PrefixTrie::PrefixTrie(Array<std::uint64_t> nodes) : nodes_(std::move(nodes)) {
    attach();
}

void PrefixTrie::attach() {
    nodes_data_ = nodes_.data();
    LargeVector<std::uint64_t> starts(0x10000);
    for (std::size_t first = 0; first < 256; ++first) {
        std::uint64_t const node = nodes_data_[first];
        for (std::size_t second = 0; second < 256; ++second) {
            std::uint64_t both = 0;
            if (base_of(node) != 0) both = nodes_data_[base_of(node) ^ second];
            if ((both & kLabelMask) != (kTaken | second)) both = 0;
            std::uint64_t const symbol = both >> kSymbolShift;
            std::uint64_t const match = symbol != 0 ? (symbol - 1) << kSymbolShift | 2
                                                    : std::uint64_t{first} << kSymbolShift | 1;
            starts[first << 8 | second] = match | std::uint64_t{base_of(both)} << kBaseShift;
        }
    }
    starts_ = Array(std::move(starts));
    starts_data_ = starts_.data();
}

}  // namespace tokmill
