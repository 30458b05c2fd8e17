// Long pre-tokens, from left to right: take the longest symbol that the text goes on with, check
// that it may stand behind the one before, and otherwise try a shorter one or go back. Of all
// sequences of symbols only the merging passes the checks (docs/bpe.md), so the first one that
// reaches the end is it. The search is that of the `bpe` crate of github/rust-gems.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.h"
#include "models/bpe_merge.h"
#include "models/pair_table.h"
#include "models/prefix_trie.h"

namespace tokmill {

struct BacktrackTables {
    struct Parts {
        std::uint32_t left, right;  // of a byte: itself
        std::uint32_t shorter;      // the longest symbol that is a proper prefix
        // In bytes; kIrregular is set if a part, or a part of a part, has a later merge.
        std::uint32_t size_and_flag;

        std::uint32_t size() const noexcept { return size_and_flag & ~kIrregular; }
        bool is_irregular() const noexcept { return (size_and_flag & kIrregular) != 0; }
    };
    static constexpr std::uint32_t kIrregular = 1u << 31;

    // Which symbols may meet at a border: sets of symbols, each symbol one of 64 bits. If the left
    // one's `accepts_right` and the right one's `starts` have nothing in common, no pair across
    // their border ever merges; the same from the other side. Irregular symbols have all bits.
    struct Borders {
        std::uint64_t accepts_right, ends;   // of a symbol on the left
        std::uint64_t accepts_left, starts;  // of a symbol on the right
    };

    PrefixTrie trie;
    Array<Parts> parts;
    Array<Borders> borders;
};

// Of the compiled pairs: one for each symbol from 256 on.
BacktrackTables make_backtrack_tables(PairTable const& pairs, std::size_t symbols);

class BacktrackEncoder {
 public:
    BacktrackEncoder(BacktrackTables const& tables, PairTable const& pairs)
        : tables_(&tables), pairs_(&pairs), merger_(pairs) {}

    // Appends the symbols of `size` bytes at `text`. Linear in practice, and never worse than the
    // size times the number of symbols that are prefixes of one another.
    void encode(unsigned char const* text, std::size_t size, std::vector<Symbol>& out) const;

 private:
    bool may_follow(unsigned char const* text, Symbol left, Symbol right) const;
    bool never_joins(std::uint32_t left, std::uint32_t right) const;
    bool stays_apart(unsigned char const* text, std::size_t border, std::size_t size) const;

    BacktrackTables const* tables_;
    PairTable const* pairs_;
    BpeMerger merger_;
};

}  // namespace tokmill
