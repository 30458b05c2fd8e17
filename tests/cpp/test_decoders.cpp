// Decoders: what each does with a list of tokens, and how they are read.
#include <string_view>

#include "check.h"
#include "stage_support.h"

namespace {

using namespace tokmill::test;

Pieces chain(std::string_view json, Pieces tokens) {
    return decoder(json)->decode_chain(std::move(tokens));
}

TEST(bpe_decoder) {
    constexpr char kJson[] = R"({"type":"BPEDecoder","suffix":"</w>"})";
    CHECK_EQ(chain(kJson, {"a</w>", "b", "c</w>"}), Pieces{"a ", "b", "c"});
    CHECK_EQ(chain(kJson, {}), Pieces{});
    // An empty suffix is everywhere.
    CHECK_EQ(chain(R"({"suffix":""})", {"aé", "b"}), Pieces{" a é ", "b"});
}

TEST(byte_fallback_decoder) {
    constexpr char kJson[] = R"({"type":"ByteFallback"})";
    CHECK_EQ(chain(kJson, {"x", "<0xE5>", "<0x8f>", "<0xab>", "a"}), Pieces{"x", "叫", "a"});
    // One replacement character a byte of the whole run, valid parts of it included.
    CHECK_EQ(chain(kJson, {"<0x61>", "<0xE5>", "<0x8f>"}), Pieces(3, "\uFFFD"));
    CHECK_EQ(chain(kJson, {"<0x+a>"}), Pieces{"\n"});
    CHECK_EQ(chain(kJson, {"<0x++>", "<0x-1>", "<0xg1>", "<0xé>", "<0x1>"}),
             Pieces{"<0x++>", "<0x-1>", "<0xg1>", "<0xé>", "<0x1>"});
}

TEST(byte_level_decoder) {
    constexpr char kJson[] = R"({"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true})";
    CHECK_EQ(chain(kJson, {"Ġa", "Ã", "©", "中", "Ã"}), Pieces{" aé中\uFFFD"});
    CHECK_EQ(chain(kJson, {}), Pieces{""});
}

TEST(ctc_decoder) {
    constexpr char kJson[] =
        R"({"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true})";
    CHECK_EQ(chain(kJson, {"h", "h", "<pad>", "h", "|", "|", "o", "<pad>", "<pad>"}),
             Pieces{"h", "h", " ", "o"});
}

TEST(metaspace_decoder) {
    CHECK_EQ(chain(R"({"type":"Metaspace","replacement":"▁"})", {"▁a▁", "▁b"}), Pieces{"a", " b"});
    CHECK_EQ(chain(R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"never"})", {"▁a"}),
             Pieces{" a"});
}

TEST(replace_decoder) {
    CHECK_EQ(chain(R"({"type":"Replace","pattern":{"String":"▁"},"content":" "})", {"▁a▁▁", ""}),
             Pieces{" a  ", ""});
    CHECK_EQ(chain(R"({"type":"Replace","pattern":{"Regex":"\\s+"},"content":"-"})", {"a  b c"}),
             Pieces{"a-b-c"});
}

TEST(strip_decoder) {
    constexpr char kJson[] = R"({"type":"Strip","content":"▁","start":2,"stop":1})";
    CHECK_EQ(chain(kJson, {"▁▁▁a▁▁", "a", ""}), Pieces{"▁a▁", "a", ""});
    // Where tokenizers fails: nothing is left to remove from the end.
    CHECK_EQ(chain(kJson, {"▁", "▁▁", "▁▁▁"}), Pieces{"", "", ""});
}

TEST(word_piece_decoder) {
    constexpr char kJson[] = R"({"type":"WordPiece","prefix":"##","cleanup":true})";
    CHECK_EQ(chain(kJson, {"##a", "##b", "c", "!", "do not", "n't"}),
             Pieces{"##a", "b", " c", "!", " don't", "n't"});
    CHECK_EQ(chain(R"({"prefix":"","cleanup":false})", {"a", "!"}), Pieces{"a", "!"});
}

TEST(decoders_in_sequence) {
    constexpr char kJson[] =
        R"({"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},)"
        R"({"type":"ByteFallback"},{"type":"Fuse"},)"
        R"({"type":"Strip","content":" ","start":1,"stop":0}]})";
    CHECK_EQ(chain(kJson, {"▁a", "<0x21>", "▁"}), Pieces{"a! "});
    CHECK_EQ(decoder(kJson)->decode({"▁a", "<0x21>", "▁"}), "a! ");
    CHECK_EQ(chain(R"({"type":"Sequence","decoders":[]})", {"a", "b"}), Pieces{"a", "b"});
}

TEST(decoders_that_are_recognised_by_their_fields) {
    // The first one that fits, whatever the type says.
    CHECK_EQ(chain(R"({"type":"Nope","suffix":"x","prefix":"a","cleanup":true})", {"x", "ax"}),
             Pieces{" ", "a"});
    CHECK_EQ(chain(R"(["x"])", {"x", "ax"}), Pieces{" ", "a"});
    CHECK_EQ(chain(R"(["Fuse"])", {"Fuse", "a"}), Pieces{" ", "a"});
    CHECK_EQ(chain(R"(["##",true])", {"a", "##b"}), Pieces{"a", "b"});
    CHECK_EQ(chain(R"(["a",1,2])", {"aabaaa"}), Pieces{"aba"});
    CHECK_EQ(chain(R"(["p","w",true])", {"a", "a", "w"}), Pieces{"a", " "});
    CHECK_EQ(chain(R"([{"String":"a"},"b"])", {"aa"}), Pieces{"bb"});
    CHECK_EQ(chain(R"({"content":"a","start":1,"stop":0})", {"aa"}), Pieces{"a"});
    CHECK_EQ(chain(R"({"type":"Fuse","type":"Fuse"})", {"a", "b"}), Pieces{"ab"});
    CHECK(decoder("null") == nullptr);
}

TEST(decoders_that_are_refused) {
    for (std::string_view const json : {
             R"({"type":"BPEDecoder"})",
             R"({"type":"WordPiece","prefix":"x"})",
             R"({"type":"ByteLevel"})",
             R"({"add_prefix_space":true,"trim_offsets":false})",
             R"({"type":"Strip","content":"ab","start":1,"stop":2})",
             R"({"type":"Strip","content":"a","start":1,"stop":-2})",
             R"({"type":"Replace","pattern":{"Regex":"("},"content":"b"})",
             R"({"decoders":[]})",
             R"({"type":"Sequence","decoders":[null]})",
             R"(["x","y"])",
             R"(["ab",1,2])",
             "3",
             "{}",
         }) {
        CHECK_THROWS(decoder(json));
    }
}

}  // namespace
