// The checks are loops without branches over megabytes: they gather whether anything is wrong, and
// only then look for the place.
#include "pipeline/snapshot_tables.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "formats/bpe_text.h"

namespace tokmill {
namespace {

// A search in a hash table ends at the first free slot. Tables that were built from a vocabulary
// are at most half full and stay far below this.
constexpr std::size_t kLongestRun = 1024;
constexpr std::size_t kPoolPadding = 64;

template <class T>
std::string_view as_bytes(Array<T> const& values) {
    return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
std::string_view as_bytes(std::vector<T> const& values) {
    return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(T)};
}

// Which ids exist; asked without a branch, since half of the places in a hash table are free.
class KnownIds {
 public:
    explicit KnownIds(TokenTable const& tokens)
        : present_(tokens.flags), size_(static_cast<std::uint32_t>(tokens.flags.size())) {
        for (std::uint8_t& flags : present_) flags &= TokenTable::present;
        present_.push_back(0);
    }
    bool has(std::uint32_t id) const noexcept { return present_[std::min(id, size_)] != 0; }
    bool has_or_none(std::uint32_t id) const noexcept { return (id == kNoId) | has(id); }

 private:
    std::vector<std::uint8_t> present_;
    std::uint32_t size_;
};

template <class T>
void require_power_of_two(SnapshotFile const& file, SectionId id, std::span<T const> values) {
    if (values.size() < 2 || !std::has_single_bit(values.size())) {
        file.fail(id, "does not have a power of two of entries");
    }
}

template <class T, class Good>
[[noreturn]] void fail_at_first_bad(SnapshotFile const& file, SectionId id,
                                    std::span<T const> values, Good const& good,
                                    char const* reason) {
    auto const bad = std::find_if_not(values.begin(), values.end(), std::cref(good));
    auto const index = static_cast<std::size_t>(bad - values.begin());
    fail_snapshot(reason, file.position(id) + index * sizeof(T));
}

// Throws unless `good(value)` for all values.
template <class T, class Good>
void require_all(SnapshotFile const& file, SectionId id, std::span<T const> values,
                 Good const& good, char const* reason) {
    bool all = true;
    for (T const& value : values) all &= good(value);
    if (!all) fail_at_first_bad(file, id, values, good, reason);
}

// The same for a table with open addressing, in which moreover every search must end soon.
template <class T, class Free, class Good>
void require_slots(SnapshotFile const& file, SectionId id, std::span<T const> slots,
                   Free const& is_free, Good const& good, char const* reason) {
    require_power_of_two(file, id, slots);
    bool all = true;
    std::size_t run = 0, longest = 0;
    for (T const& slot : slots) {
        bool const taken = !is_free(slot);
        all &= (!taken) | good(slot);
        run = (run + 1) & (std::size_t{0} - taken);
        longest = std::max(longest, run);
    }
    if (!all) {
        auto const free_or_good = [&](T const& slot) { return is_free(slot) || good(slot); };
        fail_at_first_bad(file, id, slots, free_or_good, reason);
    }
    // A run may go on from the end of the table to its start.
    auto const first_free = std::find_if(slots.begin(), slots.end(), std::cref(is_free));
    if (first_free == slots.end()) file.fail(id, "has no free slot");
    run += static_cast<std::size_t>(first_free - slots.begin());
    if (std::max(longest, run) > kLongestRun) file.fail(id, "is crowded");
}

ByteStringMap read_map(SnapshotFile const& file, SectionId pool_id, SectionId slots_id,
                       KnownIds const& ids) {
    using Slot = ByteStringMap::Slot;
    auto const pool = file.array<char>(pool_id);
    auto const slots = file.array<Slot>(slots_id);
    std::uint64_t const pool_size = pool.size();
    require_slots(
        file, slots_id, slots, [](Slot const& slot) { return slot.id == kNoId; },
        [&](Slot const& slot) {
            return (std::uint64_t{slot.begin} + slot.size <= pool_size) & ids.has(slot.id);
        },
        "a name lies outside the pool or has an unknown id");
    return {Array<char>::view(pool), Array<Slot>::view(slots)};
}

Array<std::uint32_t> read_external(SnapshotFile const& file, BpeModel const& model,
                                   KnownIds const& ids) {
    constexpr auto kId = SectionId::external_ids;
    auto const external = file.array<std::uint32_t>(kId);
    if (external.size() < 256 || external.size() >= kMaxSymbols) {
        file.fail(kId, "has a wrong number of symbols");
    }
    // Only a byte may be without a token.
    require_all(
        file, kId, external, [&](std::uint32_t id) { return ids.has_or_none(id); },
        "a symbol has an unknown id");
    if (std::find(external.begin() + 256, external.end(), kNoId) != external.end()) {
        file.fail(kId, "has a symbol without an id");
    }
    if (model.unk_id && !ids.has(*model.unk_id)) {
        fail_snapshot("the unknown token has an unknown id", file.position(SectionId::head));
    }
    return Array<std::uint32_t>::view(external);
}

PairTable read_pairs(SnapshotFile const& file, std::uint32_t symbols) {
    auto const slots = file.array<std::uint64_t>(SectionId::pair_slots);
    require_slots(
        file, SectionId::pair_slots, slots,
        [](std::uint64_t slot) { return slot == PairTable::kFreeSlot; },
        [symbols](std::uint64_t slot) {
            PairTable::Entry const pair = PairTable::unpack(slot);
            return (pair.left < symbols) & (pair.right < symbols) & (pair.priority < symbols) &
                   (pair.priority >= 256);
        },
        "a pair of unknown symbols");
    auto const filter = file.array<std::uint64_t>(SectionId::pair_filter);
    if (filter.size() != PairTable::filter_size(slots.size())) {
        file.fail(SectionId::pair_filter, "does not fit the number of pairs");
    }
    return PairTable(Array<std::uint64_t>::view(slots), Array<std::uint64_t>::view(filter));
}

bool differ(WordKey a, WordKey b) {
    return ((a.low ^ b.low) | (a.high ^ b.high)) != 0;
}

bool good_line(WordLine const& line, KnownIds const& ids) {
    bool good = line.ids[WordLine::kWords] == kNoId;
    for (std::size_t i = 0; i < WordLine::kWords; ++i) {
        bool const taken = differ(line.keys[i], kFreeKey);
        good &= (taken & ids.has(line.ids[i])) | (!taken & (line.ids[i] == kNoId));
        good &= differ(line.keys[i], kNoWord);
        for (std::size_t j = 0; j < i; ++j) good &= !taken | differ(line.keys[i], line.keys[j]);
    }
    return good;
}

WordTable read_words(SnapshotFile const& file, KnownIds const& ids) {
    constexpr auto kId = SectionId::word_lines;
    auto const lines = file.array<WordLine>(kId);
    require_power_of_two(file, kId, lines);
    require_all(
        file, kId, lines, [&](WordLine const& line) { return good_line(line, ids); },
        "a malformed line of words");
    return WordTable(Array<WordLine>::view(lines));
}

// What a walk through the parts of a symbol relies on, to end and to stay inside the text.
bool good_parts(BacktrackTables::Parts const& part, std::uint32_t symbol,
                std::span<BacktrackTables::Parts const> all) {
    auto const symbols = static_cast<std::uint32_t>(all.size());
    bool good = part.left < symbols && part.right < symbols && part.size() != 0;
    if (symbol < 256) {
        good = good && part.left == symbol && part.right == symbol && part.size_and_flag == 1;
    } else {
        // Parts of a regular symbol are regular, too: only then does a walk through them end.
        good = good && (part.is_irregular() ||
                        (part.left < symbol && part.right < symbol &&
                         !all[part.left].is_irregular() && !all[part.right].is_irregular()));
    }
    if (part.shorter == PrefixTrie::kNoSymbol) return good;
    return good && part.shorter < symbols && all[part.shorter].size() < part.size();
}

BacktrackTables read_backtrack(SnapshotFile const& file, std::size_t symbols) {
    auto const nodes = file.array<std::uint64_t>(SectionId::trie_nodes);
    if (nodes.empty() || nodes.size() % PrefixTrie::kBlock != 0) {
        file.fail(SectionId::trie_nodes, "does not have whole blocks");
    }
    require_all(
        file, SectionId::trie_nodes, nodes,
        [&](std::uint64_t node) { return PrefixTrie::is_closed(node, nodes.size(), symbols); },
        "a node with children outside the trie");
    auto const parts = file.array<BacktrackTables::Parts>(SectionId::symbol_parts);
    auto const borders = file.array<BacktrackTables::Borders>(SectionId::symbol_borders);
    if (parts.size() != symbols || borders.size() != symbols) {
        file.fail(SectionId::symbol_parts, "does not fit the number of symbols");
    }
    require_all(
        file, SectionId::symbol_parts, parts,
        [&](BacktrackTables::Parts const& part) {
            return good_parts(part, static_cast<std::uint32_t>(&part - parts.data()), parts);
        },
        "a symbol with impossible parts");
    BacktrackTables tables;
    tables.trie = PrefixTrie(Array<std::uint64_t>::view(nodes));
    tables.parts = Array<BacktrackTables::Parts>::view(parts);
    tables.borders = Array<BacktrackTables::Borders>::view(borders);
    return tables;
}

}  // namespace

std::string const& table_layout() {
    // The tables of a small made-up vocabulary: where the entries went tells the hash functions.
    static std::string const layout = [] {
        constexpr std::uint32_t kWords = 64;
        std::vector<std::string> texts;
        BpeParts parts;
        parts.external.resize(256 + kWords);
        for (std::uint32_t i = 0; i < kWords; ++i) {
            // Of all lengths.
            texts.push_back(std::string(1 + i * 7 % 40, static_cast<char>('a' + i % 26)) +
                            "\xE6\x97" + static_cast<char>(0x80 + i));
            parts.pairs.push_back({i * 3, 97 + i, 256 + i});
        }
        for (std::uint32_t i = 0; i < kWords; ++i) parts.words.emplace_back(texts[i], i);
        BpeTables const tables = make_bpe_tables(std::move(parts), BpeModel());
        // The writer keeps views of them.
        BacktrackTables const backtrack =
            make_backtrack_tables(tables.pairs, tables.external.size());
        SnapshotWriter out;
        add_bpe_tables(out, tables, backtrack);
        std::uint64_t const sum = snapshot_checksum(out.finish());
        return std::string(reinterpret_cast<char const*>(&sum), sizeof sum);
    }();
    return layout;
}

void add_token_table(SnapshotWriter& out, TokenTable const& tokens) {
    out.add(SectionId::token_pool, tokens.pool);
    out.add(SectionId::token_offsets, as_bytes(tokens.offset));
    out.add(SectionId::token_flags, as_bytes(tokens.flags));
}

void add_names(SnapshotWriter& out, ByteStringMap const& names) {
    out.add(SectionId::name_pool, as_bytes(names.pool()));
    out.add(SectionId::name_slots, as_bytes(names.slots()));
}

void add_bpe_tables(SnapshotWriter& out, BpeTables const& tables,
                    BacktrackTables const& backtrack) {
    out.add(SectionId::pair_slots, as_bytes(tables.pairs.slots()));
    out.add(SectionId::external_ids, as_bytes(tables.external));
    out.add(SectionId::word_lines, as_bytes(tables.words.lines()));
    out.add(SectionId::long_word_pool, as_bytes(tables.long_words.pool()));
    out.add(SectionId::long_word_slots, as_bytes(tables.long_words.slots()));
    out.add(SectionId::trie_nodes, as_bytes(backtrack.trie.nodes()));
    out.add(SectionId::pair_filter, as_bytes(tables.pairs.filter()));
    out.add(SectionId::symbol_parts, as_bytes(backtrack.parts));
    out.add(SectionId::symbol_borders, as_bytes(backtrack.borders));
}

TokenTable read_token_table(SnapshotFile const& file) {
    auto const pool = file.bytes(SectionId::token_pool);
    auto const offsets = file.array<std::uint32_t>(SectionId::token_offsets);
    auto const flags = file.array<std::uint8_t>(SectionId::token_flags);
    if (pool.size() < kPoolPadding || pool.size() - kPoolPadding > UINT32_MAX) {
        file.fail(SectionId::token_pool, "has a wrong size");
    }
    if (flags.size() > kIdLimit) file.fail(SectionId::token_flags, "has too many ids");
    if (offsets.size() != flags.size() + 1) {
        file.fail(SectionId::token_offsets, "does not fit the number of ids");
    }
    if (offsets.front() != 0 || offsets.back() > pool.size() - kPoolPadding ||
        !std::is_sorted(offsets.begin(), offsets.end())) {
        file.fail(SectionId::token_offsets, "has tokens outside the pool");
    }
    require_all(
        file, SectionId::token_flags, flags,
        [](std::uint8_t flag) {
            return flag == 0 ||
                   ((flag & TokenTable::present) != 0 &&
                    flag <= TokenTable::present + TokenTable::special + TokenTable::added);
        },
        "unknown flags of a token");
    TokenTable table;
    table.pool = pool;
    table.offset.assign(offsets.begin(), offsets.end());
    table.flags.assign(flags.begin(), flags.end());
    return table;
}

ByteStringMap read_names(SnapshotFile const& file, TokenTable const& tokens) {
    return read_map(file, SectionId::name_pool, SectionId::name_slots, KnownIds(tokens));
}

BpeTables read_bpe_tables(SnapshotFile const& file, BpeModel const& model,
                          TokenTable const& tokens) {
    KnownIds const ids(tokens);
    BpeTables tables;
    tables.external = read_external(file, model, ids);
    tables.pairs = read_pairs(file, static_cast<std::uint32_t>(tables.external.size()));
    tables.words = read_words(file, ids);
    tables.long_words = read_map(file, SectionId::long_word_pool, SectionId::long_word_slots, ids);
    tables.backtrack =
        std::make_unique<BacktrackTables const>(read_backtrack(file, tables.external.size()));
    tables.unk_id = model.unk_id.value_or(kNoId);
    tables.fuse_unk = model.fuse_unk;
    tables.ignore_merges = model.ignore_merges;
    return tables;
}

}  // namespace tokmill
