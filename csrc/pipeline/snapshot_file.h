// The container of a snapshot: numbered sections behind a header with a checksum
// (docs/snapshot.md). It knows nothing of what the sections mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tokmill {

// Sections and tables start at multiples of this, in the file and so in memory.
inline constexpr std::size_t kSnapshotAlignment = 64;

// What a section holds; numbers are part of the format.
enum class SectionId : std::uint32_t {
    head = 1,        // serialize_head
    definition = 2,  // serialize_definition
    digest = 3,      // Tokenizer::digest
    ranks = 4,       // pipeline/rank_stream.h
    layout = 5,      // table_layout in pipeline/snapshot_tables.h
    token_pool = 16,
    token_offsets = 17,
    token_flags = 18,
    name_pool = 19,
    name_slots = 20,
    pair_slots = 32,
    external_ids = 33,
    word_lines = 34,
    long_word_pool = 35,
    long_word_slots = 36,
    trie_nodes = 37,
    pair_filter = 38,
    symbol_parts = 39,
    symbol_borders = 40,
};

// Eight lanes of 64-bit multiplications; finds every change of a single word.
std::uint64_t snapshot_checksum(std::string_view data) noexcept;

// Throws Error(invalid_tokenizer) with the reason and the position in the file.
[[noreturn]] void fail_snapshot(std::string const& reason, std::size_t position);

class SnapshotWriter {
 public:
    // `bytes` must stay valid until finish(). Ids in rising order.
    void add(SectionId id, std::string_view bytes);
    template <class T>
    void add(SectionId id, std::span<T const> values) {
        add(id, {reinterpret_cast<char const*>(values.data()), values.size_bytes()});
    }
    std::string finish() const;

 private:
    struct Section {
        SectionId id;
        std::string_view bytes;
    };
    std::vector<Section> sections_;
};

// Checks the container once; sections are then views of `data`.
class SnapshotFile {
 public:
    // `data` starts at a multiple of kSnapshotAlignment.
    explicit SnapshotFile(std::string_view data);

    bool has(SectionId id) const noexcept { return find(id) != nullptr; }
    // Throws if there is no such section.
    std::string_view bytes(SectionId id) const;
    // Throws unless it is a whole number of elements.
    template <class T>
    std::span<T const> array(SectionId id) const {
        static_assert(alignof(T) <= kSnapshotAlignment);
        std::string_view const section = bytes(id);
        if (section.size() % sizeof(T) != 0) fail(id, "has an odd size");
        return {reinterpret_cast<T const*>(section.data()), section.size() / sizeof(T)};
    }
    // Of the section, for messages.
    std::size_t position(SectionId id) const noexcept;
    [[noreturn]] void fail(SectionId id, std::string const& reason) const;

 private:
    struct Entry {
        std::uint32_t id, reserved;
        std::uint64_t offset, size;
    };
    friend class SnapshotWriter;

    Entry const* find(SectionId id) const noexcept;
    void check_header() const;
    void check_entries() const;

    std::string_view data_;
    std::span<Entry const> entries_;
};

}  // namespace tokmill
