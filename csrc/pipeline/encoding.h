// The result of encoding one input with everything that tokenizers' Encoding tells about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"

namespace tokmill::stages {

enum class Side : std::uint8_t { left, right };

// What stands where there is no token.
struct PadToken {
    std::uint32_t id = 0;
    std::uint32_t type_id = 0;
    std::string text = "[PAD]";
};

struct Encoding {
    static constexpr std::uint32_t kNoWord = 0xFFFFFFFF;

    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> type_ids;
    std::vector<std::string> tokens;
    std::vector<std::uint32_t> words;  // kNoWord: none
    std::vector<Span> offsets;         // in characters of the original, or in bytes on the way
    std::vector<std::uint32_t> special_tokens_mask;
    std::vector<std::uint32_t> attention_mask;
    std::vector<Encoding> overflowing;
    std::map<std::size_t, Span> sequence_ranges;  // sequence number -> range of tokens

    std::size_t size() const noexcept { return ids.size(); }
    bool operator==(Encoding const&) const = default;

    void reserve(std::size_t tokens_expected);
    // A token of the text itself: attended to, not special.
    void push_back(std::uint32_t id, std::string token, Span offset, std::uint32_t word,
                   std::uint32_t type_id);

    // --- sequences ---------------------------------------------------------------------------

    // Without any range all tokens are of one sequence.
    std::size_t n_sequences() const noexcept;
    // All tokens present belong to that sequence.
    void set_sequence_id(std::size_t sequence) { sequence_ranges[sequence] = {0, size()}; }
    void set_type_id(std::uint32_t type_id) { type_ids.assign(size(), type_id); }
    // One for each token; nothing for special tokens and padding.
    std::vector<std::optional<std::size_t>> sequence_ids() const;

    // --- from one unit to another (nothing if there is no such token, word or character) -------

    std::optional<std::size_t> token_to_sequence(std::size_t token) const;
    std::optional<Span> word_to_tokens(std::uint32_t word, std::size_t sequence) const;
    std::optional<Span> word_to_chars(std::uint32_t word, std::size_t sequence) const;
    std::optional<std::pair<std::size_t, Span>> token_to_chars(std::size_t token) const;
    // (sequence, word)
    std::optional<std::pair<std::size_t, std::uint32_t>> token_to_word(std::size_t token) const;
    std::optional<std::size_t> char_to_token(std::size_t position, std::size_t sequence) const;
    std::optional<std::uint32_t> char_to_word(std::size_t position, std::size_t sequence) const;

    // --- changes -----------------------------------------------------------------------------

    // Keeps `max_length` tokens, cutting at `side`; the rest goes to `overflowing` (whose former
    // contents are lost) in parts of that length, each of which repeats `stride` tokens of the one
    // before. Throws Error(invalid_input) unless stride < max_length (0 tokens excepted).
    void truncate(std::size_t max_length, std::size_t stride, Side side);
    // Fills up to `length` tokens at `side`, the overflowing parts too.
    void pad(std::size_t length, PadToken const& token, Side side);
    // Appends. Overflowing parts are combined, each with each. `growing_offsets`: those of `other`
    // count on from the end of the last token.
    void merge_with(Encoding other, bool growing_offsets);
    static Encoding merge(std::vector<Encoding> encodings, bool growing_offsets);

 private:
    // The tokens that a sequence has; all if it is not known.
    Span sequence_range(std::size_t sequence) const;
    Encoding part(Span range) const;
    void append(Encoding&& other, bool growing_offsets);
};

}  // namespace tokmill::stages
