// Byte fallback: characters without a token of their own are spelled with the tokens of their
// bytes, <0x00> to <0xFF>, and nothing else is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bytelm/utf8_prefix.h"

namespace tokmill::bytelm {

class CharacterFallback {
 public:
    // The bytes of a character that is spelled and not complete yet; none between characters.
    struct Part {
        RecentBytes bytes = 0;
        std::uint8_t count = 0;

        bool is_between() const noexcept { return count == 0; }
        bool operator==(Part const&) const = default;
    };

    // `places[byte]`: where its token stands in the vocabulary. `known`: code points that are never
    // spelled, since they have tokens or do not occur; in any order.
    CharacterFallback(std::span<std::uint32_t const, 256> places, std::vector<std::uint32_t> known);

    std::uint32_t place(unsigned char byte) const noexcept { return places_[byte]; }
    // The byte whose token stands at a place, or -1.
    int byte_at(std::uint32_t place) const noexcept;

    // Whether a character that is spelled may go on (between characters: begin) with a byte.
    // Between the bytes of one, neither other tokens nor the end of the text may come.
    bool allows(Part part, unsigned char byte) const noexcept;
    // Behind a byte that is allowed.
    static Part append(Part part, unsigned char byte) noexcept;

 private:
    std::array<std::uint32_t, 256> places_;
    std::vector<std::pair<std::uint32_t, std::uint8_t>> bytes_;  // by place
    std::vector<std::uint32_t> known_;                           // ascending
};

}  // namespace tokmill::bytelm
