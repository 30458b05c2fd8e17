// The table of the byte alphabet, in both directions.
#include "core/byte_alphabet.h"

namespace tokmill {

namespace {

constexpr unsigned kCharacters = 0x144;  // one more than the largest code point of the alphabet

// code point -> byte, -1 outside the alphabet
constexpr std::array<std::int16_t, kCharacters> kCharacterBytes = [] {
    std::array<std::int16_t, kCharacters> table{};
    for (auto& byte : table) byte = -1;
    for (unsigned byte = 0; byte < 256; ++byte) {
        table[kByteCharacters[byte]] = static_cast<std::int16_t>(byte);
    }
    return table;
}();

}  // namespace

std::optional<std::string> undo_byte_alphabet(std::string_view text) {
    std::string bytes;
    bytes.resize(text.size());
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code_point = static_cast<unsigned char>(text[i]);
        if (code_point >= 0x80) {
            // The alphabet ends at U+0143: only characters of two bytes can belong to it.
            if (code_point >= 0xE0 || i + 1 == text.size()) return std::nullopt;
            code_point =
                ((code_point & 0x1F) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F);
        }
        if (code_point >= kCharacters || kCharacterBytes[code_point] < 0) return std::nullopt;
        bytes[size++] = static_cast<char>(kCharacterBytes[code_point]);
    }
    bytes.resize(size);
    return bytes;
}

void append_byte_alphabet(std::string_view bytes, std::string& out) {
    for (char const c : bytes) {
        unsigned const code_point = kByteCharacters[static_cast<unsigned char>(c)];
        if (code_point < 0x80) {
            out.push_back(static_cast<char>(code_point));
        } else {
            out.push_back(static_cast<char>(0xC0 | (code_point >> 6)));
            out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
        }
    }
}

}  // namespace tokmill
