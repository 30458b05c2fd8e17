// NfcProgress against normalization of the whole text.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bytelm/nfc_progress.h"
#include "check.h"
#include "core/utf8_encode.h"
#include "normalizers/nfc.h"
#include "normalizers/nfc_data.h"

using namespace tokmill;
using namespace tokmill::bytelm;

namespace {

bool is_nfc(std::string const& text) {
    std::string normal;
    normalize_nfc(text, normal, nullptr);
    return normal == text;
}

bool accepts(std::string const& text) {
    NfcProgress progress;
    return std::ranges::all_of(text,
                               [&](char c) { return progress.add(static_cast<unsigned char>(c)); });
}

// Starters, starters that compose, marks of many classes, characters that NFC replaces.
std::vector<std::uint32_t> const& interesting() {
    static std::vector<std::uint32_t> const all = [] {
        std::vector<std::uint32_t> found{'a', 'e', 'q', ' '};
        for (std::uint32_t c = 0x80; c < 0x30000; ++c) {
            if (c >= 0xD800 && c < 0xE000) continue;
            if (nfc::kind_number(c) > nfc::kLastStableKind) found.push_back(c);
        }
        for (std::uint32_t c = 0xC0; c < 0x2000; ++c) {
            if (nfc::kind_of(c).decomposes()) found.push_back(c);
        }
        for (std::uint32_t c : {0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xD7A3}) found.push_back(c);
        return found;
    }();
    return all;
}

}  // namespace

TEST(nfc_progress_agrees_with_normalization) {
    std::mt19937 random(7);
    auto const pick = [&](auto const& from) { return from[random() % from.size()]; };
    for (int round = 0; round < 300'000; ++round) {
        // Few different characters, so that they often meet what they compose with.
        std::vector<std::uint32_t> few;
        std::uint32_t const near = pick(interesting());
        for (int i = 0; i < 3; ++i) few.push_back(pick(interesting()));
        few.push_back(near);
        if (nfc::kind_of(near).decomposes()) {
            auto const parts = nfc::decompose(near);
            few.insert(few.end(), parts.code_points.begin(),
                       parts.code_points.begin() + static_cast<std::ptrdiff_t>(parts.size));
        }
        for (std::uint32_t mark : {0x301, 0x323, 0x327}) few.push_back(mark);
        std::string text;
        for (std::size_t size = 1 + random() % 5; size > 0; --size) append_utf8(pick(few), text);
        CHECK(accepts(text) == is_nfc(text));
    }
}

TEST(nfc_progress_knows_which_characters_may_be_completed) {
    // All characters U+F900 to U+F93F are replaced; U+0300 to U+033F may follow a letter.
    CHECK(!accepts("\xEF\xA4"));
    CHECK(accepts("\xEF\xAC"));
    CHECK(accepts("a\xCC"));
    CHECK(!accepts("a\xCC\x81"));
    CHECK(accepts("q\xCC\x81"));
    // What is not UTF-8 is nobody's form.
    CHECK(
        accepts("\xFF"
                "a\xCC\x81"));
    CHECK(accepts("\xEF\xFF\xEF\xA4"));
}
