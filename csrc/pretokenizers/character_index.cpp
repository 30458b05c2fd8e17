// Counts the characters before each block of bytes once, and within a block when asked.
#include "pretokenizers/character_index.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

// How many of eight bytes begin a character: all but 10xxxxxx.
std::size_t starts_in_word(char const* bytes) noexcept {
    constexpr std::uint64_t kLowBits = 0x0101010101010101;
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    std::uint64_t const continuations = (word >> 7) & ~(word >> 6) & kLowBits;
    return sizeof word - static_cast<std::size_t>(std::popcount(continuations));
}

std::size_t count_starts(std::string_view bytes) noexcept {
    std::size_t count = 0, at = 0;
    for (; at + 8 <= bytes.size(); at += 8) count += starts_in_word(bytes.data() + at);
    for (; at < bytes.size(); ++at) {
        count += is_continuation(static_cast<unsigned char>(bytes[at])) ? 0 : 1;
    }
    return count;
}

}  // namespace

CharacterIndex::CharacterIndex(std::string_view text) : text_(text) {
    starts_before_.reserve(text.size() / kBlock + 1);
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += kBlock) {
        starts_before_.push_back(count);
        count += count_starts(text.substr(at, kBlock));
    }
}

std::size_t CharacterIndex::character_of(std::size_t at) const noexcept {
    std::size_t const block = at / kBlock;
    std::size_t const begin = block * kBlock;
    // The character of `at` has begun at or before it, so it is the last one counted.
    return starts_before_[block] + count_starts(text_.substr(begin, at + 1 - begin)) - 1;
}

Span CharacterIndex::characters(Span bytes) const noexcept {
    if (bytes.begin >= text_.size()) return bytes;
    std::size_t const begin = character_of(bytes.begin);
    if (bytes.end < text_.size()) return {begin, character_of(bytes.end)};
    std::size_t const last = bytes.end - 1;
    return {begin, (last < text_.size() ? character_of(last) : begin + 1) + 1};
}

}  // namespace tokmill::stages
