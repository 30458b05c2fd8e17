// Fuzz target for the normalizers. The first line of an input is a normalizer as JSON, the rest is
// the text. Whatever they are, the form without alignments must give the same text as the other,
// both must be valid UTF-8, and the alignments must lie within the original and never decrease.
//
// With clang: clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -Icsrc fuzz_normalizers.cpp
// ... With any compiler: link fuzz_driver.cpp, which mutates seeds without libFuzzer.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "formats/stage_readers.h"
#include "fuzz.h"
#include "normalizers/normalizers.h"
#include "simd/utf8.h"

using namespace tokmill;
using namespace tokmill::stages;

namespace {

NormalizerPtr read(std::string_view definition) {
    try {
        json::Reader reader(definition);
        json::Value const value = reader.value();
        reader.finish();
        return read_normalizer(value, DefinitionFile(reader));
    } catch (Error const&) {
        return nullptr;
    }
}

void check_alignments(NormalizedString const& text, std::size_t original_size) {
    if (text.alignments().size() != text.normalized().size()) broken("number of alignments");
    Span last;
    for (Span const at : text.alignments()) {
        if (at.begin > at.end || at.end > original_size) broken("an alignment outside");
        if (at.begin < last.begin || at.end < last.end) broken("alignments decrease");
        last = at;
    }
}

// Nothing if it is refused.
std::optional<std::string> aligned(Normalizer const& normalizer, std::string const& text) {
    NormalizedString normalized(text);
    try {
        normalizer.normalize(normalized);
    } catch (Error const&) {
        return std::nullopt;
    }
    check_alignments(normalized, text.size());
    for (std::size_t i = 0; i <= normalized.normalized().size(); i += 3) {
        if (auto const part = normalized.slice(Referential::normalized, {i / 2, i})) {
            check_alignments(*part, part->original().size());
        }
    }
    return normalized.normalized();
}

std::optional<std::string> plain(Normalizer const& normalizer, std::string text) {
    try {
        normalizer.normalize(text);
    } catch (Error const&) {
        return std::nullopt;
    }
    return text;
}

// A map with one key: "a" becomes "bc".
std::string small_charsmap() {
    std::vector<std::uint32_t> units(512);
    units[0] = 256u << 10;
    units[256 + 'a'] = 256u << 10 | 1u << 8 | 'a';
    units[(256 + 'a') ^ 256] = 0;
    std::string data{'\0', '\x08', '\0', '\0'};
    for (std::uint32_t const unit : units) {
        for (int i = 0; i < 4; ++i) data.push_back(static_cast<char>(unit >> 8 * i & 0xFF));
    }
    return data + std::string("bc\0", 3);
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (char const byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (held += 8; held >= 6;) {
            held -= 6;
            text.push_back(alphabet[bits >> held & 0x3F]);
        }
    }
    if (held > 0) text.push_back(alphabet[bits << (6 - held) & 0x3F]);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    std::size_t const line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    NormalizerPtr const normalizer = read(input.substr(0, line));
    if (normalizer == nullptr) return 0;
    std::string text(input.substr(line + 1));
    text.resize(simd::valid_utf8_prefix(text));
    std::optional<std::string> const with = aligned(*normalizer, text);
    std::optional<std::string> const without = plain(*normalizer, text);
    if (with != without) broken("the two forms differ");
    if (with && simd::valid_utf8_prefix(*with) != with->size()) broken("not UTF-8");
    return 0;
}

std::vector<std::string> fuzz_seeds() {
    std::string const text =
        "\nAé e\u0301 \u0345\u0334 İ Σ 中文\u3000ﬁ① 각\u11a8 \u0600a \U0001F600\u200D";
    std::vector<std::string> seeds;
    for (
        char const* const json :
        {R"({"type":"NFC"})", R"({"type":"NFD"})", R"({"type":"NFKC"})", R"({"type":"NFKD"})",
         R"({"type":"Lowercase"})", R"({"type":"Nmt"})", R"({"type":"StripAccents"})",
         R"({"type":"ByteLevel"})", R"({"strip_left":true,"strip_right":true})",
         R"({"prepend":""})", R"({"prepend":"x"})",
         R"({"clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})",
         R"({"pattern":{"String":" "},"content":"_"})",
         R"({"pattern":{"Regex":"^|a+"},"content":"xy"})",
         R"({"normalizers":[{"pattern":{"Regex":"^"},"content":"x"},{"type":"NFKC"},["y"]]})"}) {
        seeds.push_back(json + text);
    }
    seeds.push_back(R"({"type":"Precompiled","precompiled_charsmap":")" + base64(small_charsmap()) +
                    "\"}" + text);
    return seeds;
}
