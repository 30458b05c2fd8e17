// GPT-2's byte alphabet: every byte is written as one printable character, so that a vocabulary of
// byte strings can be stored as text. Bytes that are printable in Latin-1 stand for themselves; the
// 68 others are numbered from U+0100.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tokmill {

constexpr bool is_own_character(unsigned byte) noexcept {
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) ||
           (byte >= 0xAE && byte <= 0xFF);
}

// byte -> code point
inline constexpr std::array<std::uint16_t, 256> kByteCharacters = [] {
    std::array<std::uint16_t, 256> table{};
    unsigned next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        table[byte] = static_cast<std::uint16_t>(is_own_character(byte) ? byte : next++);
    }
    return table;
}();

// The bytes that `text` (valid UTF-8) spells; nothing if a character is not of the alphabet.
std::optional<std::string> undo_byte_alphabet(std::string_view text);

// Appends `bytes` in the alphabet.
void append_byte_alphabet(std::string_view bytes, std::string& out);

}  // namespace tokmill
