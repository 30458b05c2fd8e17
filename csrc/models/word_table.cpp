#include "models/word_table.h"

#include <bit>
#include <utility>

namespace tokmill {
namespace {

bool is_free(WordEntry const& entry) {
    return entry.high == 0;
}

}  // namespace

void WordTable::resize(std::size_t lines) noexcept {
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(lines));
}

WordTable::WordTable(std::span<Word const> words) {
    std::size_t lines = std::bit_ceil(words.size() * 5 / 8 + 2);  // at most 80 % full
    std::vector<WordEntry> entries;
    for (bool done = false; !done; lines *= 2) {
        resize(lines);
        data_ = nullptr;
        entries.assign(lines * 2, WordEntry{});
        done = true;
        for (Word const& word : words) {
            WordEntry entry{word.key.low, word.key.high | std::uint64_t{1} << 60, {word.id}};
            if (!place(entries, entry)) {
                done = false;
                break;
            }
        }
    }
    entries_ = Array(std::move(entries));
    data_ = entries_.data();
}

WordTable::WordTable(Array<WordEntry> entries) : entries_(std::move(entries)) {
    resize(entries_.size() / 2);
    data_ = entries_.data();
}

// Puts `entry` into a free place of its lines; if there is none, it takes the place of the least
// important word of its second line, which moves on in the same way.
bool WordTable::place(std::vector<WordEntry>& entries, WordEntry entry) const {
    constexpr int kMoves = 200;
    std::size_t avoid = entries.size();
    for (int move = 0; move < kMoves; ++move) {
        std::uint64_t const hash = hash_key(entry.key());
        std::size_t const lines[2] = {
            static_cast<std::size_t>(hash >> shift_) * 2,
            static_cast<std::size_t>(hash * 0xD6E8FEB86659FD93u >> shift_) * 2};
        for (std::size_t const line : lines) {
            for (std::size_t i = line; i < line + 2; ++i) {
                if (is_free(entries[i])) {
                    entries[i] = entry;
                    return true;
                }
            }
        }
        std::size_t const line = lines[1] == avoid ? lines[0] : lines[1];
        std::size_t const victim =
            entries[line].ids[0] > entries[line + 1].ids[0] ? line : line + 1;
        std::swap(entries[victim], entry);
        avoid = line;
    }
    return false;
}

}  // namespace tokmill
