#include "models/word_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/error.h"

namespace tokmill {

void WordTable::set_size(std::size_t lines) noexcept {
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(lines));
}

WordTable::WordTable(std::span<Word const> words) {
    std::size_t const least = std::bit_ceil(words.size() * 2 / 5 + 2);  // at most 5/6 full
    LargeVector<WordLine> lines;
    for (std::size_t count = least;; count *= 2) {
        // Twice as large is rare; more is needed only for words that were chosen to collide.
        if (count > 4 * least) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "a vocabulary whose words collide in the word table");
        }
        set_size(count);
        lines.assign(count, WordLine{});
        if (place_all(lines, words)) break;
    }
    lines_ = Array(std::move(lines));
    data_ = lines_.data();
}

WordTable::WordTable(Array<WordLine> lines) : lines_(std::move(lines)) {
    set_size(lines_.size());
    data_ = lines_.data();
}

bool WordTable::place_all(LargeVector<WordLine>& lines, std::span<Word const> words) const {
    constexpr std::size_t kAhead = 16;
    for (std::size_t i = 0; i < words.size(); ++i) {
        Word const& ahead = words[std::min(i + kAhead, words.size() - 1)];
        __builtin_prefetch(&lines[hash_key(ahead.key) >> shift_]);
        if (!place(lines, words[i])) return false;
    }
    return true;
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
