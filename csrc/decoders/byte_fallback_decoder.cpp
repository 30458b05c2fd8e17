// ByteFallback: tokens like <0x0A> become bytes.
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "decoders/decoders.h"
#include "simd/utf8.h"

namespace tokmill::stages {

namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

// The byte that <0x..> names. Rust reads a number there, which may begin with a plus sign.
std::optional<char> named_byte(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
    std::optional<unsigned> const high = token[3] == '+' ? 0 : hex_digit(token[3]);
    std::optional<unsigned> const low = hex_digit(token[4]);
    if (!high || !low) return std::nullopt;
    return static_cast<char>(*high << 4 | *low);
}

// A run of bytes is one text or, if it is not UTF-8, a replacement character for every byte.
void flush(std::string& bytes, std::vector<std::string>& out) {
    if (bytes.empty()) return;
    if (simd::valid_utf8_prefix(bytes) == bytes.size()) {
        out.push_back(bytes);
    } else {
        out.insert(out.end(), bytes.size(), "\uFFFD");
    }
    bytes.clear();
}

class ByteFallback final : public Decoder {
 public:
    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        std::vector<std::string> out;
        out.reserve(tokens.size());
        std::string bytes;
        for (std::string& token : tokens) {
            if (std::optional<char> const byte = named_byte(token)) {
                bytes += *byte;
                continue;
            }
            flush(bytes, out);
            out.push_back(std::move(token));
        }
        flush(bytes, out);
        return out;
    }
};

}  // namespace

DecoderPtr decoders::byte_fallback() {
    return std::make_shared<ByteFallback>();
}

}  // namespace tokmill::stages
