// Some hundred pre-tokens on their way from text to ids. They take the way together, one station
// after the other, so that memory that one station asks for is there when the next one reads it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "core/id_buffer.h"
#include "models/word_key.h"

namespace tokmill {

struct WordChunk {
    static constexpr std::size_t kWords = 128;
    static constexpr std::size_t kPlaces = 8;  // for the ids of a word; more of them are spilled

    // Input: word i is [begins[i], ends[i]) of base.
    unsigned char const* base;
    unsigned char const* readable_end;  // memory may be read up to here
    std::uint32_t const* ends;          // begins + 1 where words follow one another, or own_ends
    std::size_t count = 0;
    std::uint32_t begins[kWords + 1];
    std::uint32_t own_ends[kWords];

    // The key of every word; that of the cache for a long one.
    WordKey keys[kWords];
    std::uint32_t lines[kWords];  // where the word table has it first
    // Words that the stations so far have not found, ascending; room for one more.
    std::uint16_t pending[kWords + 1];
    std::size_t pending_count = 0;

    // Output: the first counts[i] of ids[i], or the next of `spills` if there are none.
    alignas(64) std::uint32_t ids[kWords][kPlaces];
    std::uint8_t counts[kWords];
    struct Spill {
        std::uint32_t word, begin, count;
    };
    std::vector<Spill> spills;  // in the order of the words
    std::vector<std::uint32_t> spilled;

    // Ids that belong between the words: `between` up to `end` before word `word`, in order. Where
    // they end among all ids is written to `place`, if that is not null.
    struct Insert {
        std::size_t word, end;
        std::size_t* place;
    };
    std::vector<Insert> inserts;
    IdBuffer between;

    void clear() noexcept {
        count = 0;
        inserts.clear();
        between.clear();
    }
    // What has come to `between` stands before the next word.
    void note_between() {
        std::size_t const noted = inserts.empty() ? 0 : inserts.back().end;
        if (between.size() != noted) inserts.push_back({count, between.size(), nullptr});
    }
    // Where the next word's ids begin is to be written there.
    void note_place(std::size_t& place) { inserts.push_back({count, between.size(), &place}); }

    // Once all words have their ids.
    std::size_t id_count() const noexcept {
        return std::accumulate(counts, counts + count, spilled.size() + between.size());
    }
    // Writes all ids, behind `before` others; `out` has room for kPlaces a word and for those that
    // are elsewhere. Returns their end.
    std::uint32_t* write(std::uint32_t* out, std::size_t before = 0) const {
        std::uint32_t const* const begin = out;
        std::size_t i = 0;
        auto spill = spills.begin();
        auto const copy_until = [&](std::size_t end) {
            for (; i < end; ++i) {
                std::memcpy(out, ids[i], sizeof ids[i]);
                out += counts[i];
            }
        };
        auto const words_until = [&](std::size_t end) {
            for (; spill != spills.end() && spill->word < end; ++spill, ++i) {
                copy_until(spill->word);
                out = std::copy_n(spilled.data() + spill->begin, spill->count, out);
            }
            copy_until(end);
        };
        std::size_t inserted = 0;
        for (Insert const& insert : inserts) {
            words_until(insert.word);
            out = std::copy(between.data() + inserted, between.data() + insert.end, out);
            inserted = insert.end;
            if (insert.place != nullptr) {
                *insert.place = before + static_cast<std::size_t>(out - begin);
            }
        }
        words_until(count);
        return out;
    }

    std::string_view word(std::size_t i) const noexcept {
        return {reinterpret_cast<char const*>(base) + begins[i], ends[i] - begins[i]};
    }
    // Words that do not fit must come in their order.
    void put(std::size_t i, std::span<std::uint32_t const> values) {
        if (values.size() <= kPlaces) {
            std::copy(values.begin(), values.end(), ids[i]);
            counts[i] = static_cast<std::uint8_t>(values.size());
            return;
        }
        counts[i] = 0;
        spills.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(spilled.size()),
                          static_cast<std::uint32_t>(values.size())});
        spilled.insert(spilled.end(), values.begin(), values.end());
    }
};

}  // namespace tokmill
