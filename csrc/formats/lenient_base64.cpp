// Four symbols of six bits make three bytes.
#include "formats/lenient_base64.h"

#include <array>
#include <cstdint>

namespace tokmill {

namespace {

constexpr std::uint8_t kNoSymbol = 0xFF;

constexpr std::array<std::uint8_t, 256> kSymbols = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoSymbol);
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

// The symbols without the padding, of which there are no more than complete the last four symbols.
std::size_t count_symbols(std::string_view text) noexcept {
    std::size_t count = text.size();
    while (count > 0 && text[count - 1] == '=') --count;
    std::size_t const padding = text.size() - count;
    std::size_t const rest = count % 4;
    return padding > 0 && (rest < 2 || padding > 4 - rest) ? text.size() : count;
}

}  // namespace

std::size_t decode_lenient_base64(std::string_view text, std::string& bytes) {
    std::size_t const count = count_symbols(text);
    bytes.reserve(bytes.size() + count / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint8_t const symbol = kSymbols[static_cast<unsigned char>(text[i])];
        if (symbol == kNoSymbol) return i;
        bits = bits << 6 | symbol;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>(bits >> held));
        }
    }
    bool const cut_off = count % 4 == 1;
    if (cut_off || (bits & ((1u << held) - 1)) != 0) return count - 1;
    return text.size();
}

}  // namespace tokmill
