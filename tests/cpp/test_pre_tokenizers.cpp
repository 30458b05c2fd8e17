// Pre-tokenizers: what each does with its options, the form without alignments against the one
// with them, and how they are read.
#include <array>
#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "stage_support.h"

namespace {

using namespace tokmill::test;
using tokmill::Span;
using tokmill::stages::OffsetUnit;
using tokmill::stages::PreTokenizerPtr;

Pieces pieces(std::string_view json, std::string_view text) {
    PreTokenizerPtr const stage = pre_tokenizer(json);
    Pieces const texts = texts_of(cut(*stage, text));
    CHECK_EQ(plain_texts(*stage, text), texts);
    return texts;
}

std::string split_json(std::string_view pattern, std::string_view behavior, bool invert = false) {
    return R"({"type":"Split","pattern":)" + std::string(pattern) + R"(,"behavior":")" +
           std::string(behavior) + R"(","invert":)" + (invert ? "true}" : "false}");
}

TEST(split_behaviors) {
    constexpr std::string_view kText = "the-final--countdown-";
    constexpr std::string_view kDash = R"({"String":"-"})";
    CHECK_EQ(pieces(split_json(kDash, "Removed"), kText), Pieces{"the", "final", "countdown"});
    CHECK_EQ(pieces(split_json(kDash, "Isolated"), kText),
             Pieces{"the", "-", "final", "-", "-", "countdown", "-"});
    CHECK_EQ(pieces(split_json(kDash, "MergedWithPrevious"), kText),
             Pieces{"the-", "final-", "-", "countdown-"});
    CHECK_EQ(pieces(split_json(kDash, "MergedWithNext"), kText),
             Pieces{"the", "-final", "-", "-countdown", "-"});
    CHECK_EQ(pieces(split_json(kDash, "Contiguous"), kText),
             Pieces{"the", "-", "final", "--", "countdown", "-"});
    CHECK_EQ(pieces(split_json(R"({"Regex":"[^-]+"})", "Removed", true), kText),
             Pieces{"the", "final", "countdown"});
    CHECK_EQ(pieces(split_json(R"({"String":""})", "Isolated"), "aé"), Pieces{"a", "é"});
}

TEST(byte_level_stage) {
    constexpr char kPlain[] =
        R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true})";
    CHECK_EQ(pieces(kPlain, "Hello my friend, it's"),
             Pieces{"Hello", "Ġmy", "Ġfriend", ",", "Ġit", "'s"});
    constexpr char kPrefix[] =
        R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false})";
    CHECK_EQ(pieces(kPrefix, "é b"), Pieces{"ĠÃ©Ġb"});
    CHECK_EQ(pieces(kPrefix, " b"), Pieces{"Ġb"});
    CHECK_EQ(pieces(kPrefix, ""), Pieces{});
    // The bytes of a character share its place, and an added space that of the first character.
    auto const text = cut(*pre_tokenizer(kPrefix), "é b");
    auto const& piece = text.pieces()[0].text;
    CHECK_EQ(piece.to_original({0, 2}).value(), Span{0, 2});
    CHECK_EQ(piece.to_original({2, 4}).value(), Span{0, 2});
    CHECK_EQ(piece.to_original({6, 8}).value(), Span{2, 3});
}

std::string metaspace_json(std::string_view scheme, bool split) {
    return R"({"type":"Metaspace","replacement":"▁","prepend_scheme":")" + std::string(scheme) +
           R"(","split":)" + (split ? "true}" : "false}");
}

TEST(metaspace_stage) {
    CHECK_EQ(pieces(metaspace_json("always", true), "Hey  you"), Pieces{"▁Hey", "▁", "▁you"});
    CHECK_EQ(pieces(metaspace_json("always", false), "Hey  you"), Pieces{"▁Hey▁▁you"});
    CHECK_EQ(pieces(metaspace_json("never", true), "Hey you "), Pieces{"Hey", "▁you", "▁"});
    CHECK_EQ(pieces(metaspace_json("always", true), "▁a"), Pieces{"▁a"});
    // "first": only the piece with which the original begins.
    std::string const sequence = R"({"type":"Sequence","pretokenizers":[)" +
                                 split_json(R"({"String":"-"})", "Isolated") + "," +
                                 metaspace_json("first", true) + "]}";
    CHECK_EQ(pieces(sequence, "é-b c"), Pieces{"▁é", "-", "b", "▁c"});
    PreTokenizerPtr const stage = pre_tokenizer(sequence);
    CHECK(stage->asks_for_original_start());
    tokmill::stages::PlainPieces middle("b c");
    middle.original_start = 0;
    stage->pre_tokenize_plain(middle);
    CHECK_EQ(middle.text, "b▁c");
}

TEST(original_start_behind_other_stages) {
    // Both characters of the byte alphabet stand for the first character of the original.
    std::string const sequence =
        R"({"type":"Sequence","pretokenizers":[)"
        R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false},)" +
        split_json(R"({"Regex":"."})", "Isolated") + "," + metaspace_json("first", true) + "]}";
    CHECK_EQ(pieces(sequence, "éb"), Pieces{"▁Ġ", "▁Ã", "▁©", "b"});
}

TEST(character_classes) {
    CHECK_EQ(pieces(R"({"type":"Whitespace"})", "Hey, man_1 -é\u0301!?"),
             Pieces{"Hey", ",", "man_1", "-", "é\u0301", "!?"});
    CHECK_EQ(pieces(R"({"type":"WhitespaceSplit"})", " a,\u3000b\tc "), Pieces{"a,", "b", "c"});
    CHECK_EQ(pieces(R"({"type":"BertPreTokenizer"})", "a,,b $c"),
             Pieces{"a", ",", ",", "b", "$", "c"});
    CHECK_EQ(pieces(R"({"type":"Punctuation","behavior":"Contiguous"})", "a,.b $c"),
             Pieces{"a", ",.", "b ", "$", "c"});
    CHECK_EQ(pieces(R"({"type":"Digits","individual_digits":true})", "a12½"),
             Pieces{"a", "1", "2", "½"});
    CHECK_EQ(pieces(R"({"type":"Digits","individual_digits":false})", "a12½"), Pieces{"a", "12½"});
    CHECK_EQ(pieces(R"({"type":"CharDelimiterSplit","delimiter":"é"})", "éaéébé"),
             Pieces{"a", "b"});
    CHECK_EQ(pieces(R"({"type":"FixedLength","length":2})", "aéb中c"), Pieces{"aé", "b中", "c"});
}

TEST(unicode_scripts_stage) {
    constexpr char kJson[] = R"({"type":"UnicodeScripts"})";
    CHECK_EQ(pieces(kJson, "どこで生れ。Yes"), Pieces{"どこで生れ", "。", "Yes"});
    // A space joins what is before it, or is lost where nothing is.
    CHECK_EQ(pieces(kJson, "  Apples are りんご "), Pieces{"Apples are ", "りんご "});
    CHECK_EQ(pieces(kJson, "   "), Pieces{});
}

// Every stage that the random tests put together.
std::vector<std::string> const& stage_definitions() {
    static std::vector<std::string> const definitions = {
        R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true})",
        R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false})",
        metaspace_json("always", true),
        metaspace_json("first", true),
        metaspace_json("first", false),
        metaspace_json("never", true),
        R"({"type":"Whitespace"})",
        R"({"type":"WhitespaceSplit"})",
        R"({"type":"BertPreTokenizer"})",
        R"({"type":"UnicodeScripts"})",
        R"({"type":"Punctuation","behavior":"MergedWithPrevious"})",
        R"({"type":"Punctuation","behavior":"MergedWithNext"})",
        R"({"type":"Digits","individual_digits":true})",
        R"({"type":"Digits","individual_digits":false})",
        R"({"type":"CharDelimiterSplit","delimiter":"a"})",
        R"({"type":"FixedLength","length":3})",
        split_json(R"({"Regex":"\\s+|a*"})", "Isolated"),
        split_json(R"({"Regex":"\\p{L}+"})", "Removed", true),
    };
    return definitions;
}

TEST(plain_form_agrees) {
    constexpr std::array<std::string_view, 20> kCharacters = {
        " ", "a", "b", "é", "中", "か",     "カ",     "▁", "\n",         "'s",
        "1", "½", ",", "$", "Ġ",  "\u0301", "\u3000", "Я", "\U0001F600", "_"};
    std::mt19937_64 random(7);
    auto const& definitions = stage_definitions();
    for (int round = 0; round < 3000; ++round) {
        std::string json = R"({"type":"Sequence","pretokenizers":[)";
        for (std::size_t n = 1 + random() % 3; n > 0; --n) {
            json += definitions[random() % definitions.size()] + (n > 1 ? "," : "]}");
        }
        std::string text;
        for (std::size_t n = random() % 16; n > 0; --n) {
            text += kCharacters[random() % kCharacters.size()];
        }
        PreTokenizerPtr const stage = pre_tokenizer(json);
        CHECK_EQ(plain_texts(*stage, text), texts_of(cut(*stage, text)));
    }
}

TEST(pre_tokenizers_are_linear) {
    for (std::string const& json : stage_definitions()) {
        PreTokenizerPtr const stage = pre_tokenizer(json);
        auto const seconds = [&](std::string const& text) {
            auto const begin = std::chrono::steady_clock::now();
            auto pieces_of_text = cut(*stage, text);
            pieces_of_text.views(tokmill::stages::Referential::original, OffsetUnit::characters);
            return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        };
        // Generous, because tests run on busy machines: quadratic time would take minutes.
        for (std::string_view const unit : {"a", " ", "é,", "中 "}) {
            std::string text;
            while (text.size() < 200'000) text += unit;
            CHECK(seconds(text) < 10);
        }
    }
}

TEST(pre_tokenizers_that_are_read) {
    for (
        std::string_view const json : {
            R"({"type":"ByteLevel","type":"ByteLevel","add_prefix_space":1,"add_prefix_space":true,"trim_offsets":false})",
            R"({"type":{"ByteLevel":null},"add_prefix_space":true,"trim_offsets":false})",
            R"(["BertPreTokenizer"])",
            R"(["Metaspace","▁",null,"always",true,null])",
            R"(["Split",{"String":"a"},"Isolated",false])",
            R"({"type":"Metaspace","replacement":"▁","add_prefix_space":true,"prepend_scheme":"never"})",
            R"({"type":"Metaspace","replacement":"▁","add_prefix_space":null,"split":null,"str_rep":"x"})",
            R"({"type":"Split","pattern":{"String":"a","String":"b"},"behavior":{"Isolated":null},"invert":false})",
            R"({"type":"Punctuation"})",
            R"({"type":"FixedLength","length":18446744073709551615})",
            R"({"type":"Sequence","pretokenizers":[["Whitespace"],{"type":"UnicodeScripts","x":1}]})",
        }) {
        CHECK(pre_tokenizer(json) != nullptr);
    }
    CHECK(pre_tokenizer("null") == nullptr);
}

TEST(pre_tokenizers_that_are_refused) {
    for (
        std::string_view const json : {
            R"({"add_prefix_space":true,"trim_offsets":false})",
            R"({"type":"ByteLevel","add_prefix_space":true})",
            R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":null})",
            R"({"type":{"ByteLevel":{}},"add_prefix_space":true,"trim_offsets":false})",
            R"({"type":"Delimiter","delimiter":"x"})",
            R"({"type":"CharDelimiterSplit","delimiter":"xy"})",
            R"({"type":"CharDelimiterSplit","delimiter":""})",
            R"(["CharDelimiterSplit","x"])",
            R"(["Whitespace",1])",
            R"("Whitespace")",
            R"(["Metaspace","▁",null])",
            R"({"type":"Metaspace","replacement":"▁","add_prefix_space":false})",
            R"({"type":"Metaspace","replacement":"▁","prepend_scheme":null})",
            R"({"type":"Metaspace","replacement":"▁","str_rep":3})",
            R"({"type":"Split","pattern":{"String":"a","Regex":"b"},"behavior":"Isolated","invert":false})",
            R"({"type":"Split","pattern":"a","behavior":"Isolated","invert":false})",
            R"({"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated","invert":false})",
            R"({"type":"Split","pattern":{"String":"a"},"behavior":"isolated","invert":false})",
            R"({"type":"Digits","individual_digits":1})",
            R"({"type":"FixedLength","length":5.0})",
            R"({"type":"FixedLength","length":-1})",
            R"({"type":"FixedLength","length":0})",
            R"({"type":"Sequence","pretokenizers":[null]})",
            R"({"type":"Sequence","pretokenizers":{}})",
            R"({"type":"Nope"})",
            "{}",
            "[]",
            "3",
        }) {
        CHECK_THROWS(pre_tokenizer(json));
    }
}

}  // namespace
