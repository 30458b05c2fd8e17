// Normalizers: what the reference makes of chosen texts and where it says they come from, and what
// must hold for any text.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/json.h"
#include "core/utf8_decode.h"
#include "formats/lenient_base64.h"
#include "formats/stage_readers.h"
#include "normalizers/normalizers.h"

namespace {

using namespace tokmill;
using namespace tokmill::stages;

NormalizerPtr read(std::string_view text) {
    json::Reader reader(text);
    json::Value const value = reader.value();
    return read_normalizer(value, DefinitionFile(reader));
}

std::string plain(NormalizerPtr const& normalizer, std::string text) {
    normalizer->normalize(text);
    return text;
}

// The characters with the bytes of the original that they stand for: "a0-1 b1-3".
std::string show(NormalizedString const& text) {
    std::string shown;
    for (std::size_t i = 0; i < text.normalized().size();) {
        std::size_t const size =
            decode_char(reinterpret_cast<unsigned char const*>(text.normalized().data()) + i).size;
        Span const at = text.alignments()[i];
        for (std::size_t k = 1; k < size; ++k) CHECK(text.alignments()[i + k] == at);
        if (!shown.empty()) shown += ' ';
        shown += text.normalized().substr(i, size) + std::to_string(at.begin) + '-' +
                 std::to_string(at.end);
        i += size;
    }
    return shown;
}

std::string aligned(NormalizerPtr const& normalizer, std::string text) {
    NormalizedString normalized(std::move(text));
    normalizer->normalize(normalized);
    return show(normalized);
}

std::string apply(char const* json, std::string text) {
    NormalizerPtr const normalizer = read(json);
    NormalizedString normalized(text);
    normalizer->normalize(normalized);
    CHECK_EQ(plain(normalizer, text), normalized.normalized());
    return show(normalized);
}

// A character map that replaces every "a" by "xy" and every "b" by nothing.
std::string small_charsmap() {
    std::vector<std::uint32_t> units(1024);
    auto const key = [&units](unsigned char byte, std::uint32_t value) {
        std::uint32_t const node = 256 + byte;
        std::uint32_t const leaf = 512 + byte;
        units[node] = (node ^ leaf) << 10 | 1u << 8 | byte;
        units[leaf] = value;
    };
    units[0] = 256u << 10;
    key('a', 0);
    key('b', 2);
    std::string data;
    auto const append = [&data](std::uint32_t unit) {
        for (int i = 0; i < 4; ++i) data.push_back(static_cast<char>(unit >> 8 * i & 0xFF));
    };
    append(static_cast<std::uint32_t>(units.size() * 4));
    for (std::uint32_t const unit : units) append(unit);
    return data + std::string("xy\0", 3);
}

}  // namespace

TEST(normalized_string_slices_share_the_original) {
    NormalizedString text("aé中");
    CHECK_EQ(show(text), std::string("a0-1 é1-3 中3-6"));
    NormalizedString const part = *text.slice(Referential::normalized, {1, 6});
    CHECK_EQ(show(part), std::string("é0-2 中2-5"));
    CHECK_EQ(std::string(part.original()), std::string("é中"));
    CHECK(part.original_span() == (Span{1, 6}));
    CHECK(!text.slice(Referential::normalized, {2, 3}));
    CHECK(!text.slice(Referential::original, {0, 7}));
    // An empty range stands for itself, even where it cuts a character of the other text.
    text.prepend("xyz");
    NormalizedString const nothing = *text.slice(Referential::normalized, {9, 9});
    CHECK(nothing.original_span() == (Span{9, 9}));
    CHECK_EQ(std::string(nothing.original()), std::string());
}

TEST(normalized_string_converts_ranges) {
    NormalizedString text("ab cd");
    replace(text, Pattern::literal(" "), "▁");
    CHECK(text.to_original({2, 5}) == (Span{2, 3}));
    CHECK(text.to_normalized({2, 3}) == (Span{2, 5}));
    CHECK(text.to_normalized({0, 5}) == (Span{0, 7}));
    CHECK(!text.to_original({3, 8}));
    CHECK(!text.to_original({3, 2}));
    text.clear();
    CHECK(!text.to_normalized({0, 5}));
    text.append("x");
    CHECK_EQ(show(text), std::string("x0-0"));
}

TEST(normalized_string_is_stripped_prepended_and_appended) {
    NormalizedString text("  a\u3000b \n");
    text.strip();
    CHECK_EQ(show(text), std::string("a2-3 \u30003-6 b6-7"));
    text.prepend("▁x");
    CHECK_EQ(show(text), std::string("▁2-3 x2-3 a2-3 \u30003-6 b6-7"));
    text.append("!");
    CHECK_EQ(show(text), std::string("▁2-3 x2-3 a2-3 \u30003-6 b6-7 !6-7"));
    NormalizedString spaces(" \t ");
    spaces.strip_right();
    CHECK_EQ(spaces.normalized(), std::string());
}

TEST(text_inserted_before_the_original_is_left_out_of_transformations) {
    NormalizedString text("Ab");
    replace(text, Pattern::regex("^"), "X");
    CHECK_EQ(show(text), std::string("X0-0 A0-1 b1-2"));
    CHECK_THROWS(lowercase(text));
    // The alignments decide, so the form without alignments has to look at them, too.
    NormalizerPtr const sequence =
        read(R"([[{"type":"Replace","pattern":{"Regex":"^"},"content":"X"},{"type":"NFC"}]])");
    CHECK_THROWS(plain(sequence, "Ab"));
    CHECK(sequence->may_insert_before());
}

TEST(unicode_forms_align_by_counting) {
    CHECK_EQ(apply(R"({"type":"NFD"})", "é각"),
             std::string("e0-2 \u03010-2 \u11002-5 \u11612-5 \u11a82-5"));
    CHECK_EQ(apply(R"({"type":"NFC"})", "e\u0301a"), std::string("é0-1 a3-4"));
    CHECK_EQ(apply(R"({"type":"NFKC"})", "ﬁ①"), std::string("f0-3 i0-3 13-6"));
    // The marks trade places, their alignments do not.
    CHECK_EQ(apply(R"({"type":"NFKD"})", "a\u0301\u0323"), std::string("a0-1 \u03231-3 \u03013-5"));
}

TEST(bert_normalizer_cleans_separates_strips_and_lowers) {
    char const* const uncased =
        R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,)"
        R"("strip_accents":null,"lowercase":true})";
    CHECK_EQ(apply(uncased, "\u0001É\t中"), std::string("e1-3  3-4  4-7 中4-7  4-7"));
    CHECK_EQ(apply(uncased, "İ\ufffd"), std::string("i0-2"));
    char const* const cased =
        R"({"clean_text":false,"handle_chinese_chars":false,"strip_accents":true,)"
        R"("lowercase":false})";
    CHECK_EQ(apply(cased, "Ậ\t"), std::string("A0-3 \t3-4"));
}

TEST(lowercase_goes_character_by_character) {
    CHECK_EQ(apply(R"({"type":"Lowercase"})", "ΟΔΟΣ"), std::string("ο0-2 δ2-4 ο4-6 σ6-8"));
    CHECK_EQ(apply(R"({"type":"Lowercase"})", "İx"), std::string("i0-2 \u03070-2 x2-3"));
}

TEST(replace_finds_literals_and_expressions) {
    char const* const spaces = R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})";
    CHECK_EQ(apply(spaces, "a b"), std::string("a0-1 ▁1-2 b2-3"));
    std::string long_text(1000, ' ');
    std::string expected;
    for (int i = 0; i < 1000; ++i) expected += "▁";
    CHECK_EQ(plain(read(spaces), long_text), expected);
    CHECK_EQ(apply(R"({"pattern":{"Regex":" {2,}"},"content":""})", "a   b c"),
             std::string("a0-1 b4-5  5-6 c6-7"));
    CHECK_EQ(apply(R"({"pattern":{"String":""},"content":"-"})", "ab"),
             std::string("-0-0 a0-1 -0-1 b1-2 -1-2"));
}

TEST(precompiled_counts_changes_as_the_reference) {
    NormalizerPtr const map = make_precompiled(small_charsmap());
    CHECK_EQ(plain(map, "cabc"), std::string("cxyc"));
    // The removed "b" takes back that "y" was inserted.
    CHECK_EQ(aligned(map, "cabc"), std::string("c0-1 x1-2 y2-3 c3-4"));
    // Nothing is written before a first "b", so the rest moves up.
    CHECK_EQ(aligned(map, "bc"), std::string("c0-1"));
    // A cluster of up to five bytes is looked up as a whole: its mark goes.
    CHECK_EQ(plain(map, "a\u0301a\u0301\u0301\u0301"), std::string("xyxy\u0301\u0301\u0301"));
    CHECK_EQ(plain(map, "c\u0301a"), std::string("c\u0301xy"));
}

TEST(precompiled_refuses_broken_maps) {
    std::string const map = small_charsmap();
    CHECK_THROWS(make_precompiled(""));
    CHECK_THROWS(make_precompiled("\x01"));
    CHECK_THROWS(make_precompiled(std::string(4, '\0')));
    CHECK_THROWS(make_precompiled(map.substr(0, 1000)));
    CHECK_THROWS(make_precompiled(map + "\xFF"));
    // A trie that leads nowhere is only found out by the text that follows it.
    std::string leads_out = map;
    leads_out[4 + 4 * 0 + 3] = '\x7F';
    NormalizerPtr const broken = make_precompiled(leads_out);
    CHECK_THROWS(plain(broken, "a"));
}

TEST(base64_may_lack_its_padding) {
    auto const decoded = [](std::string_view text) -> std::optional<std::string> {
        std::string bytes;
        if (decode_lenient_base64(text, bytes) != text.size()) return std::nullopt;
        return bytes;
    };
    for (char const* const text : {"QQ==", "QQ=", "QQ"}) CHECK(decoded(text) == "A");
    CHECK(decoded("QUI=") == "AB");
    CHECK(decoded("QUJD") == "ABC");
    CHECK(decoded("").has_value());
    for (char const* const text : {"Q", "QQ===", "QUJD=", "QR==", "QU J", "Q=Q=", "QUI==", "-_"}) {
        CHECK(!decoded(text));
    }
}

TEST(normalizers_are_read_as_the_reference_reads_them) {
    CHECK(read("null") == nullptr);
    for (char const* const text :
         {R"({"type":"Bogus","strip_left":true,"strip_right":false})", R"([true,false])",
          R"(["NFC"])", R"({"type":{"NFC":null}})", R"({"normalizers":[]})", R"(["x"])",
          R"({"type":"Bert","clean_text":true,"handle_chinese_chars":true,"lowercase":true})"}) {
        CHECK(read(text) != nullptr);
    }
    for (char const* const text :
         {R"({})", R"([])", R"({"type":"Strip","strip_left":true})", R"({"type":"BertNormalizer"})",
          R"({"type":"Sequence","normalizers":[null]})", R"({"type":"Precompiled"})",
          R"({"type":"Precompiled","precompiled_charsmap":"?"})",
          R"({"precompiled_charsmap":"AAAA"})",
          R"({"type":"Replace","pattern":"x","content":"y"})"}) {
        CHECK_THROWS(read(text));
    }
}

TEST(normalizing_takes_linear_time) {
    std::vector<std::string> texts;
    for (char const* const part : {"a", " ", "\u0301", "\u0345\u0334", "中", "\u0600", "\u1100",
                                   "\U0001F600\u200D", "\u0915\u094D", "\r\n"}) {
        std::string text;
        while (text.size() < 300'000) text += part;
        texts.push_back(text);
    }
    std::vector<NormalizerPtr> const normalizers{
        make_bert_normalizer({}),
        make_unicode_form(UnicodeForm::nfd),
        make_unicode_form(UnicodeForm::nfkc),
        make_precompiled(small_charsmap()),
        make_strip(true, true),
        make_strip_accents(),
        make_nmt(),
        make_replace(Pattern::literal("aaaaaaaaaaaaaaaaaaaaaaaab"), "c"),
        make_replace(Pattern::regex("\\s+$|^a"), "c")};
    auto const start = std::chrono::steady_clock::now();
    for (std::string const& text : texts) {
        for (NormalizerPtr const& normalizer : normalizers) {
            NormalizedString normalized(text);
            normalizer->normalize(normalized);
            CHECK_EQ(plain(normalizer, text), normalized.normalized());
        }
    }
    std::chrono::duration<double> const taken = std::chrono::steady_clock::now() - start;
    CHECK(taken.count() < 20);
}
