// The JSON reader accepts exactly what serde_json accepts; the cases were run through tokenizers
// 0.23.3.
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/piece_index.h"

using namespace tokmill;

namespace {

// "" if the text is one valid value, else the complaint.
std::string complaint(std::string_view text) {
    try {
        json::Reader reader(text);
        reader.skip();
        reader.finish();
        // The tree must agree with skipping.
        json::Reader again(text);
        again.value();
        again.finish();
        return "";
    } catch (Error const& error) {
        CHECK(error.kind() == ErrorKind::invalid_tokenizer);
        CHECK(error.position() <= text.size());
        return error.what();
    }
}

std::string unescaped(std::string_view text) {
    json::Reader reader(text);
    return std::string(reader.string());
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST(json_accepts_what_serde_json_accepts) {
    for (char const* text : {"null",
                             "true",
                             "false",
                             "0",
                             "-0",
                             "12",
                             "-12.5e+3",
                             "1E5",
                             "0.1",
                             "\"\"",
                             "[]",
                             "{}",
                             "[1]",
                             "[1, 2 ,3]",
                             " \t\r\n{ \"a\" : [ ] , \"b\":{}} \n",
                             "123456789012345678901234567890",
                             "1e-999",
                             "{\"a\":1,\"a\":2}",
                             "\"\x7f\"",
                             "\"\\u0000\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
                             "\"\\ud83d\\ude00\"",
                             "\"\xF0\x9F\x98\x80\""}) {
        CHECK_EQ(complaint(text), "");
    }
    CHECK_EQ(complaint(nested(127)), "");
}

TEST(json_refuses_what_serde_json_refuses) {
    for (char const* text : {"",
                             " ",
                             "nul",
                             "nulll",
                             "tru",
                             "True",
                             "NaN",
                             "Infinity",
                             "01",
                             "-",
                             "-01",
                             "+5",
                             ".5",
                             "5.",
                             "5.e1",
                             "1e",
                             "1e+",
                             "1e400",
                             "-1e400",
                             "0x10",
                             "[",
                             "]",
                             "[1",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "{",
                             "{\"a\"",
                             "{\"a\":",
                             "{\"a\":1",
                             "{\"a\":1,}",
                             "{a:1}",
                             "{1:2}",
                             "{\"a\" 1}",
                             "\"",
                             "\"abc",
                             "\"\x01\"",
                             "\"a\nb\"",
                             "\"\\",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\u12g4\"",
                             "\"\\u-123\"",
                             "\"\\ud83d\"",
                             "\"\\ud83dx\"",
                             "\"\\ud83d\\n\"",
                             "\"\\ud83d\\u0041\"",
                             "\"\\ude00\"",
                             "\"\xFF\"",
                             "\"\xC0\xAF\"",
                             "\"\xE0\x80\x80\"",
                             "\"\xED\xA0\x80\"",
                             "\"\xF4\x90\x80\x80\"",
                             "\"\xC3\"",
                             "\"\\n\xC3\"",
                             "\xEF\xBB\xBF{}",
                             "1 2",
                             "{} x",
                             "{}\f",
                             "/* */ 1"}) {
        CHECK(complaint(text) != "");
    }
    CHECK(complaint(nested(128)) != "");
    CHECK(complaint(std::string(1u << 20, '[')) != "");
    CHECK(complaint(std::string(1u << 20, '{')) != "");
}

TEST(json_numbers_at_the_limits) {
    std::string const zeros(400, '0');
    for (std::string const& text : std::vector<std::string>{
             "0." + zeros + "1", "1e-400", "-1e-99999999999999999999", "0." + zeros + "1e100",
             "1" + zeros + "e-400", "1e308", "0e999", "0.0e999", "0." + zeros + "1e401"}) {
        CHECK_EQ(complaint(text), "");
    }
    for (std::string const& text :
         std::vector<std::string>{"1" + zeros, "-1" + zeros, "1e309", "1.5e400", "0.01e400",
                                  "1" + zeros + ".5", "1e99999999999999999999"}) {
        CHECK(complaint(text) != "");
    }
}

TEST(json_errors_name_file_line_and_column) {
    CHECK_EQ(complaint("{\n  \"a\": x\n}"), "expected a value at line 2 column 8");
    CHECK_EQ(complaint("[1,\n\n2"), "unexpected end of the file at line 3 column 2");
    CHECK_EQ(complaint("[1,]"), "trailing comma at line 1 column 4");
}

TEST(json_strings) {
    CHECK_EQ(unescaped("\"abc\""), "abc");
    CHECK_EQ(unescaped("\"a\\\"\\\\\\/\\n\\u00e9\\u4e2d\\ud83d\\ude00z\""),
             "a\"\\/\n\u00e9\u4e2d\U0001F600z");
    CHECK_EQ(unescaped("\"\\u0000\""), std::string_view("\0", 1));
    // Every length and place around the eight bytes that are looked at together.
    for (std::size_t before = 0; before < 20; ++before) {
        for (std::size_t after = 0; after < 20; ++after) {
            std::string const head(before, 'x');
            std::string const tail(after, 'y');
            CHECK_EQ(unescaped("\"" + head + tail + "\""), head + tail);
            CHECK_EQ(unescaped("\"" + head + "\\n" + tail + "\""), head + "\n" + tail);
            CHECK_EQ(unescaped("\"" + head + "\u0120" + tail + "\""), head + "\u0120" + tail);
            CHECK_THROWS(unescaped("\"" + head + "\x1f" + tail + "\""));
            CHECK_THROWS(unescaped("\"" + head + "\xFF" + tail + "\""));
            CHECK_THROWS(unescaped("\"" + head + tail));
        }
    }
}

TEST(json_views_stay_valid) {
    std::string text = "[";
    for (int i = 0; i < 20000; ++i) text += "\"\\u0041" + std::to_string(i) + "\",";
    text += "\"\\n" + std::string(1u << 18, 'x') + "\"]";
    json::Reader reader(text);
    std::vector<std::string_view> views;
    reader.begin_array();
    while (reader.next_element()) views.push_back(reader.string());
    CHECK_EQ(views.size(), 20001u);
    for (int i = 0; i < 20000; ++i)
        CHECK_EQ(views[static_cast<std::size_t>(i)], "A" + std::to_string(i));
    CHECK_EQ(views.back().size(), (1u << 18) + 1);
}

TEST(json_unsigned_integers) {
    auto const parsed = [](std::string_view text) { return json::Reader(text).unsigned_32(); };
    CHECK_EQ(parsed("0"), 0u);
    CHECK_EQ(parsed("4294967295"), 4294967295u);
    for (char const* text : {"4294967296", "42949672950", "99999999999999999999", "-1", "-0", "1.0",
                             "1e2", "01", "\"1\"", "null", ""}) {
        CHECK_THROWS(parsed(text));
    }
}

TEST(json_values) {
    json::Reader reader("{\"a\":[1,\"x\",null,true],\"b\":{\"c\":-1.5},\"a\":2}");
    json::Value const value = reader.value();
    CHECK_EQ(value.members.size(), 3u);
    CHECK(value.find("a")->kind == json::Kind::number);  // the last one
    CHECK_EQ(value.find("b")->find("c")->text, "-1.5");
    CHECK(value.find("d") == nullptr);
    CHECK_EQ(value.members[0].second.items.size(), 4u);
}

TEST(json_going_back) {
    json::Reader reader("{\"a\":[1,2],\"b\":3}");
    std::string_view key;
    reader.begin_object();
    CHECK(reader.next_member(key));
    json::Reader::Mark const mark = reader.mark();
    reader.skip();
    CHECK(reader.next_member(key));
    reader.skip();
    json::Reader::Mark const end = reader.mark();
    reader.seek(mark);
    reader.begin_array();
    CHECK(reader.next_element());
    CHECK_EQ(reader.unsigned_32(), 1u);
    CHECK(reader.next_element());
    CHECK_EQ(reader.unsigned_32(), 2u);
    CHECK(!reader.next_element());
    reader.seek(end);
    CHECK(!reader.next_member(key));
    reader.finish();
}

TEST(json_writer_layout) {
    json::PrettyWriter out;
    out.begin_object();
    out.key("a");
    out.begin_array();
    out.number(1);
    out.begin_array();
    out.end_array();
    out.string("x\"\\\n\x01\x7f\u00e9");
    out.end_array();
    out.key("b");
    out.begin_object();
    out.end_object();
    out.key("c");
    out.value(json::Reader("{\"d\":[null,true,1.50]}").value());
    out.end_object();
    CHECK_EQ(
        out.take(),
        "{\n  \"a\": [\n    1,\n    [],\n    \"x\\\"\\\\\\n\\u0001\x7f\u00e9\"\n  ],\n  \"b\": "
        "{},\n  \"c\": {\n    \"d\": [\n      null,\n      true,\n      1.50\n    ]\n  }\n}");
}

TEST(piece_index_finds_every_key) {
    std::vector<std::string> texts{""};
    for (std::size_t length = 1; length < 40; ++length) {
        for (char const c : {'a', 'b', '\0', '\xFF'}) {
            std::string text(length, 'a');
            text[length / 2] = c;
            if (c != 'a') texts.push_back(text);
            text[length / 2] = 'a';
            text.back() = c;
            if (c != 'a' && length / 2 != length - 1) texts.push_back(text);
        }
    }
    std::vector<std::string_view> const keys(texts.begin(), texts.end());
    PieceIndex const index(keys);
    CHECK(!index.has_duplicates());
    for (std::uint32_t i = 0; i < keys.size(); ++i) CHECK_EQ(index.find(keys[i]), i);
    for (std::size_t length = 1; length < 60; ++length) {
        CHECK_EQ(index.find(std::string(length, 'c')), PieceIndex::kMissing);
        CHECK_EQ(index.find(std::string(length, 'a')), PieceIndex::kMissing);
    }
    // Joined probes, wherever a key is split.
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        for (std::size_t split = 0; split <= keys[i].size(); ++split) {
            char buffer[64];
            CHECK_EQ(index.find(index.probe_joined(index.probe(keys[i].substr(0, split)),
                                                   index.probe(keys[i].substr(split)), buffer)),
                     i);
        }
    }
}

TEST(piece_index_keeps_the_last_of_equal_keys) {
    std::vector<std::string_view> const keys{"a", "b", "a", "long enough", "long enough"};
    PieceIndex const index(keys);
    CHECK(index.has_duplicates());
    CHECK_EQ(index.find("a"), 2u);
    CHECK_EQ(index.find("b"), 1u);
    CHECK_EQ(index.find("long enough"), 4u);
    CHECK_EQ(PieceIndex().find("a"), PieceIndex::kMissing);
}
