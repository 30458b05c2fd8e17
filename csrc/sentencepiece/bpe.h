// Byte pair encoding by scores: of all neighbours that make up a piece, those with the highest
// score are merged first, the leftmost among equals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sentencepiece/segment.h"
#include "sentencepiece/user_symbols.h"
#include "sentencepiece/vocabulary.h"

namespace tokmill::sentencepiece {

class BpeModel {
 public:
    // Both must outlive the model.
    BpeModel(Vocabulary const& vocabulary, UserSymbols const& symbols);

    // Appends the segments of a whole text. Each merge is left out with the probability `dropout`.
    void segment(std::string_view text, double dropout, Segments& out) const;

    // Scratch of merge().
    struct Part {
        std::vector<std::uint32_t> ends;    // of the symbols, in bytes; [0] is 0
        std::vector<std::uint64_t> hashes;  // of the text up to there
        std::vector<std::uint64_t> merges;  // of each symbol with the next: priority, or 0
        std::vector<std::int32_t> ids;      // of those merges
        std::vector<std::int32_t> symbols;  // ids of the symbols, kNone if no piece
    };
    static constexpr std::size_t kMaxPartBytes = 48;

    // Appends the segments of a part without user-defined symbols, of at most kMaxPartBytes bytes.
    // False (and nothing useful in `out`) if they depend on the rest of the text.
    bool merge(std::string_view text, Part& part, Segments& out) const;

 private:
    class Merger;

    static std::uint32_t priority(float score) noexcept;
    std::int32_t find(std::string_view text, std::uint64_t hash) const noexcept {
        return text.size() > max_size_ ? Vocabulary::kNone : vocabulary_.segment_of(text, hash);
    }
    std::uint64_t hash_between(std::uint64_t begin, std::uint64_t end,
                               std::size_t size) const noexcept {
        return end - begin * powers_[size];
    }
    void look_up(std::string_view text, Part& part, std::size_t i) const;

    Vocabulary const& vocabulary_;
    UserSymbols const& symbols_;
    std::size_t max_size_ = 0;               // of a piece, in bytes
    std::vector<std::uint64_t> powers_;      // of the base of the hash, up to that size
    std::vector<std::uint32_t> priorities_;  // of the pieces: higher ones are merged first
};

}  // namespace tokmill::sentencepiece
