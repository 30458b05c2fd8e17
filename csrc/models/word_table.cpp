#include "models/word_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tokmill {

void WordTable::set_size(std::size_t lines) noexcept {
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(lines));
}

WordTable::WordTable(std::span<Word const> words) {
    std::size_t count = std::bit_ceil(words.size() * 2 / 5 + 2);  // at most 5/6 full
    LargeVector<WordLine> lines;
    for (bool done = false; !done; count *= 2) {
        set_size(count);
        lines.assign(count, WordLine{});
        done = std::all_of(words.begin(), words.end(),
                           [&](Word const& word) { return place(lines, word); });
    }
    lines_ = Array(std::move(lines));
    data_ = lines_.data();
}

WordTable::WordTable(Array<WordLine> lines) : lines_(std::move(lines)) {
    set_size(lines_.size());
    data_ = lines_.data();
}

// Puts `word` into a free place of its lines; if there is none, it takes the place of the least
// important word of its second line, which moves on in the same way.
bool WordTable::place(LargeVector<WordLine>& lines, Word word) const {
    constexpr int kMoves = 200;
    std::size_t avoid = lines.size();
    for (int move = 0; move < kMoves; ++move) {
        std::uint64_t const hash = hash_key(word.key);
        std::size_t const choices[2] = {static_cast<std::size_t>(hash >> shift_),
                                        static_cast<std::size_t>(second_hash(hash) >> shift_)};
        for (std::size_t const choice : choices) {
            WordLine& line = lines[choice];
            for (std::size_t i = 0; i < WordLine::kWords; ++i) {
                if (line.keys[i] != kFreeKey) continue;
                line.keys[i] = word.key;
                line.ids[i] = word.id;
                return true;
            }
        }
        std::size_t const choice = choices[1] == avoid ? choices[0] : choices[1];
        WordLine& line = lines[choice];
        auto const victim = static_cast<std::size_t>(
            std::max_element(line.ids, line.ids + WordLine::kWords) - line.ids);
        std::swap(line.keys[victim], word.key);
        std::swap(line.ids[victim], word.id);
        avoid = choice;
    }
    return false;
}

}  // namespace tokmill
