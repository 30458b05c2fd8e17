#include "models/backtrack.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/prefetch.h"

namespace tokmill {
namespace {

using Parts = BacktrackTables::Parts;
using Borders = BacktrackTables::Borders;

constexpr std::uint32_t kBytes = 256;

// Sizes of the symbols, and which are irregular. A symbol is made of shorter ones, but these need
// not have lower numbers: some have to wait for their parts.
void measure(std::span<PairTable::Entry const> pairs, LargeVector<Parts>& parts) {
    std::vector<std::uint32_t> waiting;
    for (std::uint32_t s = kBytes; s < parts.size(); ++s) {
        if (parts[s].size_and_flag != 0) continue;
        waiting.push_back(s);
        while (!waiting.empty()) {
            std::uint32_t const top = waiting.back();
            auto const& pair = pairs[top - kBytes];
            Parts const& left = parts[pair.left];
            Parts const& right = parts[pair.right];
            if (left.size_and_flag == 0) {
                waiting.push_back(pair.left);
            } else if (right.size_and_flag == 0) {
                waiting.push_back(pair.right);
            } else {
                bool const irregular = pair.left > top || pair.right > top || left.is_irregular() ||
                                       right.is_irregular();
                parts[top].size_and_flag =
                    (left.size() + right.size()) | (irregular ? BacktrackTables::kIrregular : 0);
                waiting.pop_back();
            }
        }
    }
}

// Symbols are taken in the order of their priority, so that what a set holds at that time are the
// pairs that merge earlier: of what is inside a symbol, only these can be kept from joining across
// its border by the symbol's own merge.
LargeVector<Borders> find_borders(std::span<PairTable::Entry const> pairs,
                                  Array<Parts> const& parts) {
    auto const name = [](std::uint32_t symbol, std::uint64_t factor) {
        return std::uint64_t{1} << (symbol * factor >> 58);
    };
    auto const start_name = [&](std::uint32_t s) { return name(s, 0x9E3779B97F4A7C15u); };
    auto const end_name = [&](std::uint32_t s) { return name(s, 0xC2B2AE3D27D4EB4Fu); };
    std::size_t const symbols = parts.size();
    LargeVector<Borders> borders(symbols);
    // Partners of the symbol itself; `borders` has those of its parts until the end.
    LargeVector<std::uint64_t> to_right(symbols), to_left(symbols);
    constexpr std::uint32_t kAhead = 16;
    for (std::uint32_t s = 0; s < symbols; ++s) {
        if (s >= kBytes && s + kAhead < symbols) {
            auto const& [left, right, priority] = pairs[s + kAhead - kBytes];
            for (std::uint32_t const part : {left, right}) {
                prefetch(&borders[part]);
                prefetch(&to_right[part]);
                prefetch(&to_left[part]);
            }
        }
        Borders& own = borders[s];
        own.starts = start_name(s);
        own.ends = end_name(s);
        if (s < kBytes) continue;
        auto const& [left, right, priority] = pairs[s - kBytes];
        own.starts |= borders[left].starts;
        own.ends |= borders[right].ends;
        own.accepts_right = to_right[right] | borders[right].accepts_right;
        to_right[left] |= start_name(right);
        to_left[right] |= end_name(left);
        // Behind the pair itself: of two equal pairs that overlap the left one merges.
        own.accepts_left = to_left[left] | borders[left].accepts_left;
    }
    for (std::uint32_t s = 0; s < symbols; ++s) {
        borders[s].accepts_right |= to_right[s];
        borders[s].accepts_left |= to_left[s];
        constexpr std::uint64_t kAll = ~std::uint64_t{0};
        if (parts[s].is_irregular()) borders[s] = {kAll, kAll, kAll, kAll};
    }
    return borders;
}

// The bytes of all symbols.
class Spellings {
 public:
    Spellings(std::span<PairTable::Entry const> pairs, LargeVector<Parts> const& parts) {
        std::size_t total = 0;
        for (Parts const& part : parts) total += part.size();
        pool_.resize(total);
        views_.resize(parts.size());
        char* end = pool_.data();
        for (std::uint32_t s = 0; s < parts.size(); ++s) {
            std::size_t const size = parts[s].size();
            char* out = end;
            // Parts with higher numbers are not spelled yet.
            std::vector<std::uint32_t> rest{s};
            while (!rest.empty()) {
                std::uint32_t const top = rest.back();
                rest.pop_back();
                if (top < kBytes) {
                    *out++ = static_cast<char>(top);
                } else if (views_[top].data() != nullptr) {
                    out = std::copy(views_[top].begin(), views_[top].end(), out);
                } else {
                    rest.push_back(pairs[top - kBytes].right);
                    rest.push_back(pairs[top - kBytes].left);
                }
            }
            views_[s] = {end, size};
            end = out;
        }
    }
    std::span<std::string_view const> views() const { return views_; }

 private:
    LargeVector<char> pool_;
    LargeVector<std::string_view> views_;
};

}  // namespace

BacktrackTables make_backtrack_tables(PairTable const& pair_table, std::size_t symbols) {
    LargeVector<PairTable::Entry> pairs(symbols - kBytes);
    for (std::uint64_t const slot : pair_table.slots()) {
        if (slot == PairTable::kFreeSlot) continue;
        PairTable::Entry const pair = PairTable::unpack(slot);
        pairs[pair.priority - kBytes] = pair;
    }
    LargeVector<Parts> parts(kBytes + pairs.size());
    for (std::uint32_t s = 0; s < parts.size(); ++s) {
        parts[s] = s < kBytes ? Parts{s, s, PrefixTrie::kNoSymbol, 1}
                              : Parts{pairs[s - kBytes].left, pairs[s - kBytes].right, 0, 0};
    }
    measure(pairs, parts);
    Spellings const spellings(pairs, parts);
    std::vector<std::uint32_t> shorter(parts.size());
    BacktrackTables tables;
    tables.trie = PrefixTrie(spellings.views(), shorter);
    for (std::uint32_t s = 0; s < parts.size(); ++s) parts[s].shorter = shorter[s];
    tables.parts = Array(std::move(parts));
    tables.borders = Array(find_borders(pairs, tables.parts));
    return tables;
}

bool BacktrackEncoder::may_follow(unsigned char const* text, Symbol left, Symbol right) const {
    Borders const& a = tables_->borders[left.id];
    Borders const& b = tables_->borders[right.id];
    if ((a.accepts_right & b.starts) == 0 || (a.ends & b.accepts_left) == 0) return true;
    // The merges of irregular symbols do not happen in the order of the numbers. There are few.
    if (tables_->parts[left.id].is_irregular() || tables_->parts[right.id].is_irregular()) {
        return stays_apart(text, left.size, std::size_t{left.size} + right.size);
    }
    return never_joins(left.id, right.id);
}

// Walks back through the merges of both symbols, the later one first, and asks whether what met at
// the border in between would have merged before it was merged away.
bool BacktrackEncoder::never_joins(std::uint32_t left, std::uint32_t right) const {
    std::uint32_t limit = kNoMerge;
    for (;;) {
        if (pairs_->find(left, right) < limit) return false;
        if (left > right) {
            if (left < kBytes) return true;
            limit = left;
            left = tables_->parts[left].right;
        } else {
            if (right < kBytes) return true;
            limit = right + 1;
            right = tables_->parts[right].left;
        }
    }
}

// The same by the definition: merging the bytes of both.
bool BacktrackEncoder::stays_apart(unsigned char const* text, std::size_t border,
                                   std::size_t size) const {
    std::vector<Symbol> symbols;
    merger_.merge(text, size, symbols);
    return symbols.size() == 2 && symbols[0].size == border;
}

void BacktrackEncoder::encode(unsigned char const* text, std::size_t size,
                              std::vector<Symbol>& out) const {
    PrefixTrie const& trie = tables_->trie;
    unsigned char const* const end = text + size;
    std::size_t const bottom = out.size();
    // Places from which nothing led to the end. There is only one way to reach a place, so they
    // need not be tried again.
    std::vector<bool> dead;
    auto const is_dead = [&](std::size_t place) { return !dead.empty() && dead[place]; };

    std::size_t at = 0;
    auto const next_symbol = [&] {
        PrefixTrie::Match const match = trie.longest(text + at, end);
        return Symbol{match.symbol, match.size};
    };
    Symbol next = next_symbol();
    for (;;) {
        bool const fits = next.size <= size - at && !is_dead(at + next.size);
        if (fits &&
            (out.size() == bottom || may_follow(text + at - out.back().size, out.back(), next))) {
            out.push_back(next);
            at += next.size;
            if (at == size) return;
            next = next_symbol();
            continue;
        }
        for (;;) {
            std::uint32_t const shorter = tables_->parts[next.id].shorter;
            if (shorter != PrefixTrie::kNoSymbol) {
                next = {shorter, tables_->parts[shorter].size()};
                break;
            }
            if (dead.empty()) dead.resize(size + 1);
            dead[at] = true;
            // Some sequence reaches the end, unless a snapshot holds tables that were made up.
            if (out.size() == bottom) {
                throw Error(ErrorKind::invalid_tokenizer, "snapshot: inconsistent symbols");
            }
            next = out.back();
            out.pop_back();
            at -= next.size;
        }
    }
}

}  // namespace tokmill
