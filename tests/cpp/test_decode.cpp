// Ids to bytes and text.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "decoders/decode.h"

namespace tokmill {
namespace {

using namespace std::string_literals;

// Holes for empty optional entries are marked by the string "hole".
TokenTable make_table(std::vector<std::string> const& tokens) {
    TokenTable table;
    for (auto const& token : tokens) {
        table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
        bool const hole = token == "hole";
        bool const special = token.starts_with("<|");
        if (!hole) table.pool += token;
        table.flags.push_back(hole      ? 0
                              : special ? TokenTable::present | TokenTable::special
                                        : TokenTable::present);
    }
    table.offset.push_back(static_cast<std::uint32_t>(table.pool.size()));
    table.pool.append(64, '\0');
    return table;
}

std::string decode(TokenTable const& table, std::vector<std::uint32_t> const& ids,
                   bool skip_special = false) {
    std::string out = "kept";
    decode_bytes(table, ids, skip_special, out);
    CHECK(out.starts_with("kept"));
    return out.substr(4);
}

std::string lossy(std::string_view bytes) {
    std::string out;
    append_utf8_lossy(bytes, out);
    return out;
}

std::string stream(TokenTable const& table, std::vector<std::uint32_t> const& ids,
                   bool skip_special = false) {
    StreamDecoder decoder(table, skip_special);
    std::string text;
    for (std::uint32_t const id : ids) {
        std::string const piece = decoder.push(id);
        CHECK_EQ(lossy(piece), piece);  // whole characters only
        text += piece;
    }
    text += decoder.finish();
    CHECK_EQ(decoder.finish(), "");
    return text;
}

}  // namespace

TEST(decode_bytes_of_all_lengths) {
    std::mt19937 random(1);
    std::vector<std::string> tokens;
    for (std::size_t length :
         {0, 1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 100, 16383, 16384, 16385, 40000}) {
        std::string token;
        while (token.size() < length) token += static_cast<char>(random());
        tokens.push_back(token);
    }
    TokenTable const table = make_table(tokens);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::uint32_t> ids;
        std::string expected;
        std::size_t const kinds = round % 3 == 0 ? tokens.size() : 12;
        for (std::size_t k = random() % (round % 3 == 0 ? 20 : 3000); k > 0; --k) {
            ids.push_back(static_cast<std::uint32_t>(random() % kinds));
            expected += tokens[ids.back()];
        }
        CHECK(decode(table, ids) == expected);
    }
}

TEST(decode_special_tokens) {
    TokenTable const table = make_table({"a", "<|x|>", "hole", "b"});
    CHECK_EQ(decode(table, {0, 1, 3, 1}), "a<|x|>b<|x|>");
    CHECK_EQ(decode(table, {0, 1, 3, 1}, true), "ab");
    CHECK_EQ(stream(table, {0, 1, 3, 1}), "a<|x|>b<|x|>");
    CHECK_EQ(stream(table, {0, 1, 3, 1}, true), "ab");
}

TEST(decode_unknown_ids) {
    TokenTable const table = make_table({"a", "<|x|>", "hole", "b"});
    for (std::uint32_t const bad : {2u, 4u, 0xFFFFFFFFu}) {
        std::vector<std::uint32_t> ids(5000, 0);
        ids[4321] = bad;
        for (bool const skip : {false, true}) {
            std::string out = "before";
            std::size_t position = 0;
            try {
                decode_bytes(table, ids, skip, out);
            } catch (Error const& error) {
                CHECK(error.kind() == ErrorKind::unknown_token);
                position = error.position();
            }
            CHECK_EQ(position, 4321u);
            CHECK_EQ(out, "before");
            StreamDecoder decoder(table, skip);
            CHECK_THROWS(decoder.push(bad));
        }
    }
}

// The right-hand sides are Python's bytes.decode("utf-8", errors="replace").
TEST(decode_lossy_examples) {
    std::string const r = "\xEF\xBF\xBD";
    CHECK_EQ(lossy(""), "");
    CHECK_EQ(lossy("plain"), "plain");
    CHECK_EQ(lossy("\xE6\x97\xA5"), "\xE6\x97\xA5");
    CHECK_EQ(lossy("\x80"), r);
    CHECK_EQ(lossy("\xC0\x80"), r + r);
    CHECK_EQ(lossy("\xC3"), r);
    CHECK_EQ(lossy("\xE0\x80\x80"), r + r + r);
    CHECK_EQ(lossy("\xE0\xA0"), r);
    CHECK_EQ(lossy("\xE0\xA0z"), r + "z");
    CHECK_EQ(lossy("\xED\xA0\x80"), r + r + r);
    CHECK_EQ(lossy("\xF0\x9F\x98"), r);
    CHECK_EQ(lossy("\xF0\x9F\x98\xF0\x9F\x98\x80"), r + "\xF0\x9F\x98\x80");
    CHECK_EQ(lossy("\xF0\x80\x80\x80"), r + r + r + r);
    CHECK_EQ(lossy("\xF4\x8F\xBF"), r);
    CHECK_EQ(lossy("\xF4\x90\x80\x80"), r + r + r + r);
    CHECK_EQ(lossy("\xF5\x80"), r + r);
    CHECK_EQ(lossy("a\xF1\x80\x80\xE1\x80\xC2z\x80\xFF"), "a" + r + r + r + "z" + r + r);
}

TEST(decode_stream_equals_whole) {
    std::mt19937 random(2);
    // Pieces of characters, whole ones and nonsense, so that most sequences are broken somewhere.
    TokenTable const table = make_table({"\xE6",
                                         "\x97",
                                         "\xA5",
                                         "\xE6\x97",
                                         "\x97\xA5",
                                         "a",
                                         "",
                                         "\xF0",
                                         "\x9F",
                                         "\x98",
                                         "\x80",
                                         "\xF0\x9F\x98",
                                         "\xE6\x97\xA5",
                                         "\xF4",
                                         "\x90",
                                         "\xED",
                                         "\xA0",
                                         "\xC0",
                                         "\xC3",
                                         "\xFF",
                                         "<|x|>",
                                         "b\xF0\x9F",
                                         "\x98\x80"
                                         "c\xC3"});
    for (int round = 0; round < 50000; ++round) {
        std::vector<std::uint32_t> ids;
        for (std::size_t k = random() % 12; k > 0; --k) {
            ids.push_back(static_cast<std::uint32_t>(random() % table.size()));
        }
        for (bool const skip : {false, true}) {
            CHECK_EQ(stream(table, ids, skip), lossy(decode(table, ids, skip)));
        }
    }
}

TEST(decode_stream_emits_as_soon_as_certain) {
    TokenTable const table = make_table({"\xF0\x9F", "\x98", "\x80", "\xE0", "\x80", "x"});
    StreamDecoder decoder(table, false);
    CHECK_EQ(decoder.push(0), "");
    CHECK_EQ(decoder.push(1), "");
    CHECK_EQ(decoder.push(2), "\xF0\x9F\x98\x80");
    CHECK_EQ(decoder.push(3), "");
    CHECK_EQ(decoder.push(4), "\xEF\xBF\xBD\xEF\xBF\xBD");  // E0 80 begins no character
    CHECK_EQ(decoder.push(0), "");
    CHECK_EQ(decoder.push(5), "\xEF\xBF\xBDx");
    CHECK_EQ(decoder.push(1), "\xEF\xBF\xBD");
    CHECK_EQ(decoder.push(0), "");
    CHECK_EQ(decoder.finish(), "\xEF\xBF\xBD");
    CHECK_EQ(decoder.push(5), "x");
}

}  // namespace tokmill
