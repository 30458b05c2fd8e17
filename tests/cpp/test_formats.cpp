// The readers and writers of definitions. What tokenizers 0.23.3 does with each variation of the
// small tokenizer.json was found out by giving it the same file.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "check.h"
#include "core/byte_alphabet.h"
#include "core/error.h"
#include "core/sha256.h"
#include "formats/check_definition.h"
#include "formats/dialect_translation.h"
#include "formats/implied_merges.h"
#include "formats/known_encodings.h"
#include "formats/load.h"
#include "formats/rank_vocabulary.h"
#include "small_definitions.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

// "ok", or what kind of error it is.
std::string outcome(std::function<void()> const& action) {
    try {
        action();
        return "ok";
    } catch (Error const& error) {
        return error.kind() == ErrorKind::unsupported_tokenizer ? "unsupported"
               : error.kind() == ErrorKind::invalid_tokenizer   ? "invalid"
                                                                : "other";
    }
}

std::string load_outcome(std::string const& text) {
    return outcome([&] { load_definition(text); });
}

std::string message(std::function<void()> const& action) {
    try {
        action();
        return "";
    } catch (Error const& error) {
        return error.what();
    }
}

std::string with(std::string_view from, std::string_view to) {
    return edited(small_tokenizer_json(), from, to);
}

Definition load(std::string const& text) {
    return load_definition(text);
}

constexpr char kByteLevel[] =
    "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true}";
constexpr char kMerges[] = "[[\"a\",\"b\"],[\"ab\",\"c\"],[\"\u0120\",\"a\"],[\"b\",\"c\"]]";
constexpr char kAddedToken[] =
    "{\"id\":261,\"content\":\"<s>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
    "\"normalized\":false,\"special\":true}";

std::string pre_tokenizer(std::string const& json) {
    return with(std::string("\"pre_tokenizer\":") + kByteLevel, "\"pre_tokenizer\":" + json);
}

std::string steps(std::string const& json) {
    return pre_tokenizer("{\"type\":\"Sequence\",\"pretokenizers\":[" + json + "]}");
}

std::string post_processor(std::string const& json) {
    return with("\"post_processor\":null", "\"post_processor\":" + json);
}

std::string merges(std::string const& json) {
    return with(kMerges, json);
}

std::string added(std::string const& json) {
    return with(kAddedToken, json);
}

std::string added_token(std::string const& content, std::string const& flags = "") {
    std::string text = edited(kAddedToken, "\"<s>\"", "\"" + content + "\"");
    return flags.empty() ? text : edited(text, "\"special\":true", flags);
}

}  // namespace

TEST(byte_alphabet_round_trip) {
    std::string bytes;
    for (unsigned byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    CHECK_EQ(undo_byte_alphabet(alphabet_text(bytes)).value_or(""), bytes);
    CHECK_EQ(alphabet_text(" a\n\x7f\xad"), "\u0120a\u010a\u0121\u0143");
    for (char const* text : {" ", "a b", "\u0144", "\u00ad", "\u2581x", "\u007f", "\u4e2d", "\n"}) {
        CHECK(!undo_byte_alphabet(text));
    }
    CHECK_EQ(undo_byte_alphabet("").value_or("?"), "");
}

TEST(sha256_vectors) {
    CHECK_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK_EQ(sha256_hex(std::string(1000000, 'a')),
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(base64_decoding) {
    CHECK_EQ(decode_base64("").value_or("?"), "");
    CHECK_EQ(decode_base64("IQ==").value_or("?"), "!");
    CHECK_EQ(decode_base64("YWI=").value_or("?"), "ab");
    CHECK_EQ(decode_base64("YWJj").value_or("?"), "abc");
    CHECK_EQ(decode_base64("+/8A").value_or("?"), std::string_view("\xFB\xFF\0", 3));
    for (char const* text :
         {"I", "IQ", "IQ=", "I===", "====", "=IQ=", "IQ==IQ==", "I Q=", "-_8A"}) {
        CHECK(!decode_base64(text));
    }
}

TEST(tokenizer_json_small) {
    Definition const d = load(small_tokenizer_json());
    CHECK(d.reference == Reference::hf_tokenizers);
    CHECK_EQ(d.format, "tokenizer.json");
    CHECK_EQ(d.model.vocabulary.size(), 260u);
    CHECK_EQ(d.model.vocabulary[32].first, " ");
    CHECK_EQ(d.model.vocabulary[258].first, " a");
    CHECK_EQ(d.model.unreachable.size(), 1u);
    CHECK_EQ(d.model.unreachable[0].first, "\u2581x");
    CHECK_EQ(d.model.unreachable[0].second, 260u);
    CHECK_EQ(d.model.merges.size(), 4u);
    CHECK(d.model.merges[1] == Merge{256, 'c', 257});
    CHECK(d.model.order == MergeOrder::pair_rank);
    CHECK(!d.model.unk_id);
    CHECK_EQ(d.added_tokens.size(), 1u);
    CHECK_EQ(d.added_tokens[0].id, 261u);
    CHECK(d.added_tokens[0].special && !d.added_tokens[0].normalized);
    CHECK_EQ(d.pre_tokenizers.size(), 1u);
    CHECK(d.pre_tokenizers[0].kind == PreTokenizerKind::byte_level);
    CHECK(d.pre_tokenizers[0].use_regex && !d.pre_tokenizers[0].add_prefix_space);
    CHECK(d.decoder == DecoderKind::byte_level);
    CHECK(d.prefix_ids.empty() && d.suffix_ids.empty() && d.normalizers.empty());
}

TEST(tokenizer_json_top_level) {
    CHECK_EQ(load_outcome(with("\"version\":\"1.0\",", "")), "ok");
    CHECK_EQ(load_outcome(with("\"1.0\"", "\"2.0\"")), "unsupported");
    CHECK_EQ(load_outcome(with("\"1.0\"", "\"0.9\"")), "invalid");
    CHECK_EQ(load_outcome(with("\"normalizer\":null,", "\"foo\":1,")), "invalid");
    CHECK_EQ(load_outcome(with("\"normalizer\":null,",
                               "\"normalizer\":{\"type\":\"Lowercase\"},"
                               "\"normalizer\":null,")),
             "ok");
    CHECK_EQ(load_outcome(small_tokenizer_json() + " \n"), "ok");
    CHECK_EQ(load_outcome(small_tokenizer_json() + "x"), "invalid");
    CHECK_EQ(load_outcome("[" + small_tokenizer_json() + "]"), "invalid");
    CHECK_EQ(load_outcome("\xEF\xBB\xBF" + small_tokenizer_json()), "invalid");
    CHECK_EQ(load_outcome("{\"version\":\"1.0\"}"), "invalid");
    CHECK_EQ(load_outcome("{\"added_tokens\":[],\"model\":null}"), "invalid");
    CHECK_EQ(load_outcome(with("\"added_tokens\":[", "\"added_tokens\":null,\"x\":[")), "invalid");
    CHECK_EQ(load_outcome("{\"added_tokens\":[],\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}"),
             "unsupported");
    CHECK_EQ(
        load_outcome("{\"added_tokens\":[],\"model\":{\"unk_id\":0,\"vocab\":[[\"a\",-1.5]]}}"),
        "unsupported");
    CHECK_EQ(load_outcome(""), "invalid");
}

TEST(tokenizer_json_model_type) {
    CHECK_EQ(load_outcome(with("\"type\":\"BPE\",", "")), "ok");
    CHECK_EQ(load_outcome(with("\"type\":\"BPE\"", "\"type\":null")), "invalid");
    CHECK_EQ(load_outcome(with("\"type\":\"BPE\"", "\"type\":\"Unigram\"")), "unsupported");
    CHECK_EQ(load_outcome(with(std::string(",\"merges\":") + kMerges, "")), "invalid");
    CHECK_EQ(load_outcome(with("\"type\":\"BPE\",", "\"foo\":{\"bar\":[1]},\"type\":\"BPE\",")),
             "ok");
    CHECK_EQ(message([] { load(with("\"type\":\"BPE\"", "\"type\":\"WordLevel\"")); }),
             "model WordLevel is not supported");
}

TEST(tokenizer_json_model_options) {
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":0.0")), "ok");
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":0")), "ok");
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":0.1")), "unsupported");
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":2")), "invalid");
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":-1")), "invalid");
    CHECK_EQ(load_outcome(with("\"dropout\":null", "\"dropout\":\"0\"")), "invalid");
    CHECK_EQ(load_outcome(with("subword_prefix\":null", "subword_prefix\":\"\"")), "ok");
    CHECK_EQ(load_outcome(with("subword_prefix\":null", "subword_prefix\":\"##\"")), "unsupported");
    CHECK_EQ(load_outcome(with("word_suffix\":null", "word_suffix\":\"</w>\"")), "unsupported");
    CHECK_EQ(load_outcome(with("\"fuse_unk\":false", "\"fuse_unk\":null")), "ok");
    CHECK_EQ(load_outcome(with("\"fuse_unk\":false", "\"fuse_unk\":1")), "invalid");
    CHECK(load(with("\"ignore_merges\":false", "\"ignore_merges\":true")).model.ignore_merges);
    // All bytes are tokens: nothing is unknown.
    CHECK_EQ(load_outcome(with("\"byte_fallback\":false", "\"byte_fallback\":true")), "ok");
    CHECK_EQ(load_outcome(with("\"unk_token\":null", "\"unk_token\":\"<unk>\"")), "ok");
    CHECK_EQ(load(with("\"unk_token\":null", "\"unk_token\":\"ab\"")).model.unk_id.value_or(0),
             256u);
    std::string const without_z = with("\"z\":122,", "");
    CHECK_EQ(load_outcome(without_z), "ok");
    CHECK_EQ(load_outcome(edited(without_z, "\"byte_fallback\":false", "\"byte_fallback\":true")),
             "unsupported");
    CHECK_EQ(load_outcome(edited(without_z, "\"unk_token\":null", "\"unk_token\":\"<unk>\"")),
             "invalid");
    CHECK_EQ(load(edited(without_z, "\"unk_token\":null", "\"unk_token\":\"\u2581x\""))
                 .model.unk_id.value_or(0),
             260u);
}

TEST(tokenizer_json_vocabulary) {
    // Of equal keys the last one counts.
    CHECK(load(with("\"ab\":256", "\"ab\":300,\"ab\":256")) == load(small_tokenizer_json()));
    CHECK_EQ(load_outcome(with("\"ab\":256", "\"ab\":97")), "invalid");  // the id of "a"
    for (char const* id :
         {"256.0", "-0", "-1", "4294967296", "16777216", "\"256\"", "null", "0256"}) {
        CHECK_EQ(load_outcome(with("\"ab\":256", std::string("\"ab\":") + id)), "invalid");
    }
    // Order in the file and holes do not matter.
    Definition const d = load(with("\"ab\":256", "\"zz\":1000,\"ab\":999"));
    CHECK_EQ(d.model.vocabulary.back().first, "zz");
    CHECK_EQ(d.model.vocabulary.back().second, 1000u);
    CHECK(d.model.merges[0] == Merge{'a', 'b', 999});
    CHECK_EQ(d.added_tokens[0].id, 262u);  // one more than there are entries
    CHECK_EQ(load(with("\"ab\":256", "\"\":1000,\"ab\":256")).model.unreachable.size(), 2u);
}

TEST(tokenizer_json_merges) {
    auto const list = [](std::string const& json) { return load(merges(json)).model.merges; };
    std::vector<Merge> const two{{'a', 'b', 256}, {256, 'c', 257}};
    CHECK(list("[[\"a\",\"b\"],[\"ab\",\"c\"]]") == two);
    CHECK(list("[\"a b\",\"ab c\"]") == two);
    CHECK(list("[\"#version: 0.2\",\"a b\",\"#version x\",\"ab c\"]") == two);
    CHECK(list("[]").empty());
    // Of equal merges the last one counts.
    CHECK(list("[[\"a\",\"b\"],[\"ab\",\"c\"],[\"a\",\"b\"]]") ==
          std::vector<Merge>({{256, 'c', 257}, {'a', 'b', 256}}));
    CHECK(list("[\"a bc\",\"ab c\",\"a bc\",\"ab c\",\"a bc\"]") ==
          std::vector<Merge>({{256, 'c', 257}, {'a', 259, 257}}));
    for (char const* json :
         {"null", "{}", "[\"a b\",[\"ab\",\"c\"]]", "[[\"a\",\"b\"],\"ab c\"]", "[[\"a\"]]", "[[]]",
          "[[\"a\",\"b\",\"c\"]]", "[[\"a\",1]]", "[\"a b c\"]", "[\"ab\"]", "[\"\"]", "[\" a b\"]",
          "[\"a  b\"]", "[1]", "[[\"a\",\"zz\"]]", "[[\"zz\",\"a\"]]", "[[\"a\",\"d\"]]"}) {
        CHECK_EQ(load_outcome(merges(json)), "invalid");
    }
    // Before the vocabulary, and merges of tokens outside the alphabet.
    std::string const moved =
        edited(edited(small_tokenizer_json(), std::string(",\"merges\":") + kMerges, ""),
               "\"vocab\":{", std::string("\"merges\":") + kMerges + ",\"vocab\":{");
    CHECK(load(moved) == load(small_tokenizer_json()));
    std::string const outside = edited(merges("[[\"\u2581x\",\"a\"],[\"a\",\"b\"]]"), "\"ab\":256",
                                       "\"\u2581xa\":300,\"ab\":256");
    CHECK(load(outside).model.merges == std::vector<Merge>({{'a', 'b', 256}}));
    CHECK_EQ(load_outcome(edited(outside, "\"unk_token\":null", "\"unk_token\":\"\u2581x\"")),
             "unsupported");
    CHECK_EQ(message([] { load(merges("[\"a b\",\n\"a zz\"]")); }).find("merges: token `zz`"), 0u);
}

TEST(tokenizer_json_added_tokens) {
    CHECK_EQ(load_outcome(added("")), "ok");
    for (char const* member :
         {"\"id\":261,", "\"content\":\"<s>\",", "\"single_word\":false,", "\"lstrip\":false,",
          "\"rstrip\":false,", "\"normalized\":false,", ",\"special\":true"}) {
        CHECK_EQ(load_outcome(with(member, "")), "invalid");
        CHECK_EQ(load_outcome(added(std::string("{\"foo\":[],") + (kAddedToken + 1))), "ok");
    }
    CHECK_EQ(load_outcome(with("\"id\":261", "\"id\":261,\"id\":261")), "invalid");
    CHECK_EQ(load_outcome(with("\"lstrip\":false", "\"lstrip\":null")), "invalid");
    CHECK_EQ(load_outcome(with("\"id\":261", "\"id\":-1")), "invalid");
    CHECK_EQ(load_outcome(added("[1,\"x\",false,false,false,false,true]")), "invalid");

    // The ids of the file are not used.
    auto const tokens = [](std::string const& json) { return load(added(json)).added_tokens; };
    auto const ids = [&](std::string const& json) {
        std::vector<std::uint32_t> result;
        for (AddedToken const& token : tokens(json)) result.push_back(token.id);
        return result;
    };
    CHECK_EQ(ids(added_token("x1") + "," + added_token("x2")),
             std::vector<std::uint32_t>({261, 262}));
    CHECK_EQ(ids(added_token("ab") + "," + added_token("x1")),
             std::vector<std::uint32_t>({256, 261}));
    CHECK_EQ(ids(added_token("\u0120a")), std::vector<std::uint32_t>({258}));
    CHECK_EQ(ids(added_token(" a")), std::vector<std::uint32_t>({261}));
    CHECK_EQ(ids(added_token("") + "," + added_token("x1")), std::vector<std::uint32_t>({261}));
    // Twice: the last flags count, but it stays special.
    std::vector<AddedToken> const twice = tokens(
        added_token("x1", "\"special\":true") + "," + added_token("y1") + "," +
        edited(added_token("x1", "\"special\":false"), "\"lstrip\":false", "\"lstrip\":true"));
    CHECK_EQ(twice.size(), 2u);
    CHECK_EQ(twice[0].content, "x1");
    CHECK(twice[0].special && twice[0].lstrip);
    CHECK_EQ(twice[1].id, 262u);
    // With holes, a new id may belong to an ordinary token; two added tokens must differ.
    std::string const hole = with("\"ab\":256", "\"zz\":262,\"ab\":256");
    CHECK_EQ(load(hole).added_tokens[0].id, 262u);
    CHECK_EQ(load_outcome(edited(hole, kAddedToken, added_token("<s>") + "," + added_token("zz"))),
             "invalid");
}

TEST(tokenizer_json_normalizers) {
    auto const normalizer = [](std::string const& json) {
        return with("\"normalizer\":null", "\"normalizer\":" + json);
    };
    CHECK_EQ(load(normalizer("{\"type\":\"NFC\",\"x\":1}")).normalizers.size(), 1u);
    CHECK_EQ(load(normalizer("{\"type\":\"Sequence\",\"normalizers\":[]}")).normalizers.size(), 0u);
    CHECK_EQ(load(normalizer("{\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Sequence\","
                             "\"normalizers\":[{\"type\":\"NFC\"}]}]}"))
                 .normalizers.size(),
             2u);
    CHECK_EQ(load_outcome(normalizer("{\"type\":\"Sequence\"}")), "invalid");
    CHECK_EQ(load_outcome(normalizer("[]")), "invalid");
    for (char const* json :
         {"{}", "{\"type\":\"NFD\"}", "{\"type\":\"Lowercase\"}", "{\"type\":\"ByteLevel\"}",
          "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"}]}"}) {
        CHECK_EQ(load_outcome(normalizer(json)), "unsupported");
    }
    CHECK_EQ(message([&] { load(normalizer("{\"type\":\"Lowercase\"}")); }),
             "normalizer Lowercase is not supported");
}

TEST(tokenizer_json_pre_tokenizers) {
    CHECK_EQ(load_outcome(pre_tokenizer("null")), "unsupported");
    CHECK(load(pre_tokenizer(
                   "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":false}"))
              .pre_tokenizers[0]
              .use_regex);
    CHECK_EQ(load_outcome(pre_tokenizer("{\"add_prefix_space\":true,\"trim_offsets\":false}")),
             "unsupported");
    CHECK_EQ(load_outcome(pre_tokenizer("{\"type\":\"ByteLevel\",\"trim_offsets\":false}")),
             "invalid");
    CHECK_EQ(load_outcome(pre_tokenizer("{\"type\":\"ByteLevel\",\"add_prefix_space\":true}")),
             "invalid");
    CHECK_EQ(load_outcome(pre_tokenizer("{\"type\":\"Foo\"}")), "unsupported");
    CHECK_EQ(load_outcome(pre_tokenizer("\"ByteLevel\"")), "invalid");
    CHECK_EQ(load_outcome(steps("")), "unsupported");
    CHECK_EQ(load_outcome(steps(std::string(kByteLevel) + "," + kByteLevel)), "unsupported");
    // Left to the reader of all families, which finds it broken.
    CHECK_EQ(load_outcome(steps("null")), "unsupported");
    CHECK_EQ(load_outcome(steps(std::string("{\"type\":\"Whitespace\"},") + kByteLevel)),
             "unsupported");

    std::string const split =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\d\"},\"behavior\":\"MergedWithNext\","
        "\"invert\":true}";
    Definition const d = load(steps(
        split +
        ",{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":"
        "true},{\"type\":\"Split\",\"pattern\":{\"String\":\"x\"},\"behavior\":\"Removed\","
        "\"invert\":false}]}," +
        kByteLevel));
    CHECK_EQ(d.pre_tokenizers.size(), 4u);
    CHECK_EQ(d.pre_tokenizers[0].pattern, "\\d");
    CHECK(d.pre_tokenizers[0].pattern_is_regex && d.pre_tokenizers[0].invert);
    CHECK(d.pre_tokenizers[0].behavior == SplitBehavior::merged_with_next);
    CHECK(d.pre_tokenizers[1].kind == PreTokenizerKind::digits &&
          d.pre_tokenizers[1].individual_digits);
    CHECK(!d.pre_tokenizers[2].pattern_is_regex);
    CHECK(d.pre_tokenizers[2].behavior == SplitBehavior::removed);
    for (auto const& [from, to] : std::vector<std::pair<char const*, char const*>>{
             {"\"behavior\":\"MergedWithNext\",", ""},
             {"MergedWithNext", "mergedwithnext"},
             {",\"invert\":true", ""},
             {"{\"Regex\":\"\\\\d\"}", "\"\\\\d\""},
             {"{\"Regex\":\"\\\\d\"}", "{}"},
             {"{\"Regex\":\"\\\\d\"}", "{\"Regex\":\"a\",\"String\":\"a\"}"},
             {"{\"Regex\":\"\\\\d\"}", "{\"Glob\":\"a\"}"},
             {"{\"Regex\":\"\\\\d\"}", "{\"Regex\":1}"}}) {
        CHECK_EQ(load_outcome(steps(edited(split, from, to) + "," + kByteLevel)), "invalid");
    }
    CHECK_EQ(load_outcome(steps(std::string("{\"type\":\"Digits\"},") + kByteLevel)), "invalid");
}

TEST(tokenizer_json_post_processors) {
    auto const ids = [](std::string const& json) {
        Definition const d = load(post_processor(json));
        std::string text;
        for (std::uint32_t const id : d.prefix_ids) text += std::to_string(id) + " ";
        text += "A";
        for (std::uint32_t const id : d.suffix_ids) text += " " + std::to_string(id);
        return text;
    };
    auto const refused = [](std::string const& json) { return load_outcome(post_processor(json)); };
    std::string const special_tokens =
        "\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[7,8],\"tokens\":[\"<s>\",\"x\"]},"
        "\"</s>\":{\"id\":\"</s>\",\"ids\":[9],\"tokens\":[\"</s>\"]}}";
    auto const sequence = [](char const* id) {
        return std::string("{\"Sequence\":{\"id\":\"") + id + "\",\"type_id\":0}}";
    };
    auto const special = [](char const* id) {
        return std::string("{\"SpecialToken\":{\"id\":\"") + id + "\",\"type_id\":0}}";
    };
    // The template for pairs is the one for singles followed by B.
    auto const filled = [&](std::string const& single) {
        return "{\"type\":\"TemplateProcessing\",\"single\":[" + single + "],\"pair\":[" + single +
               (single.empty() ? "" : ",") + sequence("B") + "]," + special_tokens + "}";
    };
    auto const chain = [](std::string const& steps) {
        return "{\"type\":\"Sequence\",\"processors\":[" + steps + "]}";
    };
    std::string const bos = filled(special("<s>") + "," + sequence("A"));
    std::string const eos = filled(sequence("A") + "," + special("</s>"));
    std::string const roberta =
        "{\"type\":\"RobertaProcessing\",\"sep\":[\"</"
        "s>\",2],\"cls\":[\"<s>\",0],\"trim_offsets\":true,"
        "\"add_prefix_space\":false}";
    std::string const bert =
        "{\"type\":\"BertProcessing\",\"sep\":[\"</s>\",2],\"cls\":[\"<s>\",0]}";

    CHECK_EQ(ids(kByteLevel), "A");
    CHECK_EQ(ids(roberta), "0 A 2");
    CHECK_EQ(ids(bert), "0 A 2");
    CHECK_EQ(ids(edited(bert, "BertProcessing", "Foo")), "0 A 2");  // only the fields matter
    CHECK_EQ(ids(bos), "7 8 A");
    CHECK_EQ(ids(filled(special("<s>") + "," + sequence("A") + "," + special("</s>"))), "7 8 A 9");
    CHECK_EQ(ids(edited(bos, "\"type\":\"TemplateProcessing\",", "")), "7 8 A");
    CHECK_EQ(ids(chain("")), "A");
    CHECK_EQ(ids(chain(std::string(kByteLevel) + "," + bos)), "7 8 A");
    // A second template works on the pieces of the first one.
    CHECK_EQ(ids(chain(bos + "," + eos)), "7 8 9 A");
    CHECK_EQ(ids(chain(eos + "," + bos)), "7 8 A 9");
    CHECK_EQ(ids(chain(roberta + "," + roberta)), "0 0 A 2 2");
    CHECK_EQ(ids(chain(roberta + "," + bos)), "7 8 0 A 2");
    CHECK_EQ(ids(chain(bos + "," + roberta)), "0 7 8 2 2 A 2");
    CHECK_EQ(ids(chain(bos + "," + bert)), "0 7 8 2 A 2");
    CHECK_EQ(ids(chain(eos + "," + roberta)), "0 A 2 2 9 2");
    CHECK_EQ(ids(chain(bert + "," + chain(eos))), "0 A 2 9");

    CHECK_EQ(refused(filled(special("<s>"))), "unsupported");
    CHECK_EQ(refused(filled("")), "unsupported");
    CHECK_EQ(refused(filled(sequence("A") + "," + sequence("A"))), "unsupported");
    CHECK_EQ(refused(filled(sequence("B"))), "invalid");
    CHECK_EQ(refused(filled(special("<zz>") + "," + sequence("A"))), "invalid");
    CHECK_EQ(refused(filled("\"$A\"")), "invalid");
    CHECK_EQ(refused("{\"type\":\"ByteLevel\",\"trim_offsets\":true}"), "invalid");
    CHECK_EQ(refused("{\"add_prefix_space\":true,\"trim_offsets\":true}"), "invalid");
    CHECK_EQ(refused("{\"processors\":[]}"), "invalid");
    CHECK_EQ(refused("[]"), "invalid");
    CHECK_EQ(refused("{\"type\":\"Foo\"}"), "invalid");
    CHECK_EQ(refused(edited(roberta, "[\"</s>\",2]", "[\"</s>\",2,3]")), "invalid");
    // Templates that would double the text over and over.
    std::string doubling;
    for (int i = 0; i < 60; ++i) {
        doubling += (i != 0 ? "," : "") + filled(sequence("A") + "," + sequence("A"));
        CHECK_EQ(refused(chain(doubling)), "unsupported");
    }
}

TEST(tokenizer_json_decoders) {
    std::string const old_decoder =
        "{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":"
        "true}";
    auto const decoder = [&](std::string const& json) {
        return with("\"decoder\":" + old_decoder, "\"decoder\":" + json);
    };
    auto const chain = [](std::string const& steps) {
        return "{\"type\":\"Sequence\",\"decoders\":[" + steps + "]}";
    };
    CHECK(load(decoder("null")).decoder == DecoderKind::join_space);
    CHECK(load(decoder(chain(old_decoder + ",{\"type\":\"Fuse\"}"))).decoder ==
          DecoderKind::byte_level);
    for (std::string const& json :
         {chain(""), std::string("{\"type\":\"Fuse\"}"),
          chain("{\"type\":\"Fuse\"}," + old_decoder), chain(old_decoder + "," + old_decoder),
          std::string("{\"type\":\"Metaspace\"}"), std::string("{}")}) {
        CHECK_EQ(load_outcome(decoder(json)), "unsupported");
    }
    CHECK_EQ(load_outcome(decoder("{\"type\":\"ByteLevel\"}")), "invalid");
}

TEST(tokenizer_json_truncation_and_padding) {
    auto const truncation = [](std::string const& json) {
        return with("\"truncation\":null", "\"truncation\":" + json);
    };
    auto const padding = [](std::string const& json) {
        return with("\"padding\":null", "\"padding\":" + json);
    };
    CHECK_EQ(
        load(truncation("{\"max_length\": 512, \"strategy\":\"OnlyFirst\",\"stride\":3}"))
            .truncation,
        "{\"direction\":\"Right\",\"max_length\":512,\"strategy\":\"OnlyFirst\",\"stride\":3}");
    CHECK_EQ(load_outcome(truncation("{\"max_length\":512,\"strategy\":\"OnlyFirst\"}")),
             "invalid");
    CHECK_EQ(
        load_outcome(truncation("{\"max_length\":-1,\"strategy\":\"OnlyFirst\",\"stride\":0}")),
        "invalid");
    CHECK_EQ(load(padding("{\"strategy\":{\"Fixed\":20},\"direction\":\"Left\",\"pad_id\":0,"
                          "\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}"))
                 .padding,
             "{\"strategy\":{\"Fixed\":20},\"direction\":\"Left\",\"pad_to_multiple_of\":null,"
             "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}");
    CHECK_EQ(load_outcome(padding("{\"strategy\":\"Longest\",\"direction\":\"Left\",\"pad_id\":0,"
                                  "\"pad_type_id\":0,\"pad_token\":\"\"}")),
             "invalid");
}

TEST(rank_files) {
    LoadHints hints;
    hints.pattern = "\\p{L}+|\\P{L}";
    hints.special_tokens = {{"<|end|>", 300}, {"<|also the end|>", 300}};
    Definition const d = load_definition(small_rank_file(), hints);
    CHECK(d.reference == Reference::tiktoken);
    CHECK(d.model.order == MergeOrder::token_rank);
    CHECK(d.model.ignore_merges);
    CHECK(d.model.merges.empty());
    CHECK_EQ(d.model.vocabulary.size(), 262u);
    CHECK_EQ(d.model.vocabulary[257].first, "aa");
    CHECK_EQ(d.pre_tokenizers.size(), 1u);
    CHECK(d.pre_tokenizers[0].behavior == SplitBehavior::removed && d.pre_tokenizers[0].invert);
    CHECK_EQ(d.added_tokens.size(), 2u);
    CHECK(d.added_tokens[0].special && !d.added_tokens[0].normalized);
    CHECK(d.decoder == DecoderKind::bytes);

    auto const result = [&](std::string const& text) {
        return outcome([&] { read_tiktoken(text, hints); });
    };
    std::string const file = small_rank_file();
    CHECK_EQ(load_outcome(file), "invalid");  // no pattern
    CHECK_EQ(result(edited(file, "IQ== 33\n", "IQ== 33\r\n\n")), "ok");
    CHECK_EQ(result(file + "= 262\n"), "ok");  // Whisper's empty token
    CHECK_EQ(result(edited(file, "IQ== 33\n", "")), "invalid");
    CHECK(message([&] {
              read_tiktoken(edited(file, "IQ== 33\n", ""), hints);
          }).find("single byte 0x21") != std::string::npos);
    CHECK_EQ(result(file + "IQ== 262\n"), "invalid");
    CHECK_EQ(result(file + "enp6 5\n"), "invalid");
    CHECK_EQ(result(file + "enp6 16777216\n"), "invalid");
    for (char const* line : {"enp6", "enp6 ", "enp6 x", "enp6 -1", "enp6  262", "enp6 262 ",
                             "en 262", "e$p6 262", "enp6 99999999999", " 262 1"}) {
        CHECK_EQ(result(file + line + "\n"), "invalid");
    }
    CHECK_EQ(result(""), "invalid");
    for (auto const& special : std::vector<std::vector<std::pair<std::string, std::uint32_t>>>{
             {{"", 300}},
             {{"<a>", 5}},
             {{"<a>", 300}, {"<a>", 301}},
             {{"\xFF", 300}},
             {{"<a>", 1u << 24}}}) {
        LoadHints broken = hints;
        broken.special_tokens = special;
        CHECK_EQ(outcome([&] { read_tiktoken(file, broken); }), "invalid");
    }
}

TEST(known_encodings) {
    auto const count = [](char const* name) {
        return find_known_encoding(name).value_or(KnownEncoding{}).special_tokens.size();
    };
    auto const has = [](char const* name, char const* token, std::uint32_t id) {
        auto const tokens = find_known_encoding(name).value_or(KnownEncoding{}).special_tokens;
        return std::find(tokens.begin(), tokens.end(),
                         std::pair<std::string, std::uint32_t>(token, id)) != tokens.end();
    };
    CHECK_EQ(count("gpt2"), 1u);
    CHECK_EQ(count("p50k_edit"), 4u);
    CHECK_EQ(count("cl100k_base"), 5u);
    CHECK_EQ(count("o200k_base"), 2u);
    CHECK_EQ(count("o200k_harmony"), 1091u);
    CHECK_EQ(count("llama3"), 256u);
    CHECK_EQ(count("llama4"), 2048u);
    CHECK_EQ(count("qwen"), 208u);
    CHECK_EQ(count("whisper_multilingual"), 1608u);
    CHECK(has("o200k_harmony", "<|endofprompt|>", 200018));
    CHECK(has("o200k_harmony", "<|reserved_200018|>", 200018));
    CHECK(has("o200k_harmony", "<|call|>", 200012));
    CHECK(has("llama3", "<|reserved_special_token_245|>", 128255));
    CHECK(has("llama4", "<|reserved_special_token_903|>", 202047));
    CHECK(has("llama4", "<|patch|>", 200092));
    CHECK(has("whisper_multilingual", "<|30.00|>", 51864));
    CHECK(has("whisper_multilingual", "<|su|>", 50357));
    CHECK(find_known_encoding("qwen")->nfc);
    CHECK(!find_known_encoding("gpt5"));
    CHECK(!recognize_rank_file("IQ== 0\n"));
}

TEST(tekken_files) {
    Definition const d = load(small_tekken());
    CHECK_EQ(d.format, "tekken");
    CHECK(d.reference == Reference::tiktoken);
    CHECK_EQ(d.model.vocabulary.size(), 260u);
    CHECK_EQ(d.model.vocabulary[0].second, 22u);
    CHECK_EQ(d.model.vocabulary[256].first, "ab");
    CHECK_EQ(d.model.vocabulary[256].second, 278u);
    CHECK_EQ(d.added_tokens.size(), 22u);
    CHECK_EQ(d.added_tokens[1].content, "<s>");
    CHECK_EQ(d.added_tokens[19].content, "[TOOL_CONTENT]");
    CHECK_EQ(d.added_tokens[21].content, "<SPECIAL_21>");
    CHECK_EQ(d.added_tokens[21].id, 21u);
    CHECK_EQ(d.pre_tokenizers[0].pattern, "\\p{L}+|\\P{L}");

    auto const changed = [](char const* from, char const* to) {
        return edited(small_tekken(), from, to);
    };
    Definition const listed = load(changed(
        "{\"config\"",
        "{\"special_tokens\":[{\"rank\":0,\"token_str\":\"<x>\",\"is_control\":true}],\"config\""));
    CHECK_EQ(listed.added_tokens[0].content, "<x>");
    CHECK_EQ(listed.added_tokens[1].content, "<SPECIAL_1>");
    CHECK_EQ(load_outcome(changed("\"v3\"", "\"v11\"")), "invalid");
    CHECK_EQ(load_outcome(changed("\"rank\":3,", "\"rank\":4,")), "invalid");
    CHECK_EQ(load_outcome(changed("\"rank\":3,", "")), "invalid");
    CHECK_EQ(load_outcome(changed("\"token_bytes\":\"AQ==\"", "\"token_bytes\":\"Ag==\"")),
             "invalid");
    CHECK_EQ(load_outcome(changed("\"token_bytes\":\"AQ==\",", "")), "invalid");
    CHECK_EQ(load_outcome(changed("size\":282", "size\":285")), "invalid");
    CHECK_EQ(load_outcome(changed("size\":282", "size\":270")), "invalid");
    CHECK_EQ(load_outcome(changed("size\":282", "size\":2")), "invalid");
    CHECK_EQ(load_outcome(changed("special_tokens\":22", "special_tokens\":5")), "invalid");
    CHECK_EQ(load_outcome(changed("\"pattern\"", "\"pattern_\"")), "invalid");
}

TEST(vocabulary_and_merges_files) {
    Definition const d = read_vocab_merges(small_vocab_json(), small_merges_txt());
    Definition const json = load(small_tokenizer_json());
    CHECK(d.model == json.model);
    CHECK(d.pre_tokenizers == json.pre_tokenizers);
    CHECK(d.added_tokens.empty());
    CHECK_EQ(d.format, "vocab+merges");
    auto const result = [](std::string const& merges) {
        return outcome([&] { read_vocab_merges(small_vocab_json(), merges); });
    };
    CHECK_EQ(result(""), "ok");
    CHECK_EQ(result("a b\r\nab c"), "ok");
    for (char const* merges :
         {"\n", "a b\n\nab c\n", "a\n", "a b c\n", "a  b\n", "a zz\n", "a d\n", "\xFF b"}) {
        CHECK_EQ(result(merges), "invalid");
    }
    CHECK_EQ(outcome([] { read_vocab_merges("{\"a\":0,\"b\":0}", ""); }), "invalid");
    CHECK_EQ(outcome([] { read_vocab_merges("[]", ""); }), "invalid");
}

TEST(pattern_translation) {
    auto const translated = [](char const* pattern) {
        return translate_to_onig(pattern).value_or("none");
    };
    CHECK_EQ(translated("\\p{L}+|\\P{L}"), "\\p{L}+|\\P{L}");
    CHECK_EQ(translated("\\p{N}{1,3}+| ?[^\\s\\p{L}]++|\\s++$"),
             "(?>\\p{N}{1,3})| ?[^\\s\\p{L}]++|\\s++\\z");
    CHECK_EQ(translated("(?:ab){2}+c"), "(?>(?:ab){2})c");
    for (char const* name :
         {"gpt2", "cl100k_base", "o200k_base", "llama3", "qwen", "whisper_multilingual"}) {
        CHECK(translate_to_onig(find_known_encoding(name)->pattern).has_value());
    }
}

TEST(merges_of_rank_vocabularies) {
    std::vector<std::pair<std::string, std::uint32_t>> vocabulary;
    std::uint32_t id = 10;
    for (std::string const& token : small_ranks()) vocabulary.emplace_back(token, id++);
    std::vector<Merge> const merges = implied_merges(vocabulary);
    // ab | aa | ab+c a+bc | a+aa aa+a | b+c | " "+a
    std::vector<Merge> const expected{{107, 108, 266}, {107, 107, 267}, {107, 270, 268},
                                      {266, 109, 268}, {107, 267, 269}, {267, 107, 269},
                                      {108, 109, 270}, {42, 107, 271}};
    CHECK(merges == expected);
}

TEST(written_tokenizer_json_reads_back) {
    std::string const added_twice = added_token("y1", "\"special\":false") + "," + kAddedToken;
    std::vector<std::string> const files{
        small_tokenizer_json(),
        with("\"normalizer\":null", "\"normalizer\":{\"type\":\"NFC\"}"),
        with("\"unk_token\":null", "\"unk_token\":\"ab\""),
        with("\"ab\":256", "\"zz\":1000,\"ab\":256"),
        added(added_twice),
        merges("[\"a bc\",\"b c\"]"),
        steps(std::string("{\"type\":\"Digits\",\"individual_digits\":false},") + kByteLevel),
        with("\"truncation\":null",
             "\"truncation\":{\"max_length\":512,\"strategy\":\"OnlyFirst\",\"stride\":3}"),
        post_processor(
            "{\"type\":\"BertProcessing\",\"sep\":[\"ab\",256],\"cls\":[\"nothing\",77777]}"),
    };
    for (std::string const& file : files) {
        Definition const d = load(file);
        std::string const written = write_tokenizer_json(d);
        CHECK(load(written) == d);
        CHECK_EQ(write_tokenizer_json(load(written)), written);
    }
    CHECK_EQ(write_tokenizer_json(load(small_tokenizer_json())).substr(0, 88),
             "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n  "
             "\"added_tokens\": [\n    {");
}

TEST(rank_definitions_written_as_tokenizer_json) {
    LoadHints hints;
    hints.pattern = "\\p{L}++|\\p{N}{1,3}+|\\s++$|[^\\p{L}\\p{N}]";
    hints.special_tokens = {{"<|end|>", 300}};
    Definition const d = read_tiktoken(small_rank_file(), hints);
    Definition const back = load(write_tokenizer_json(d));
    CHECK_EQ(back.added_tokens.size(), 1u);
    CHECK_EQ(back.added_tokens[0].id, 300u);
    CHECK_EQ(back.model.vocabulary.size(), 263u);
    CHECK(back.model.ignore_merges);
    CHECK_EQ(back.model.merges.size(), 8u);
    CHECK_EQ(back.pre_tokenizers.size(), 2u);
    CHECK_EQ(back.pre_tokenizers[0].pattern, "\\p{L}++|(?>\\p{N}{1,3})|\\s++\\z|[^\\p{L}\\p{N}]");
    CHECK_EQ(load(write_tokenizer_json(load(small_tekken()))).added_tokens[5].id, 5u);
    // Ids that tokenizers cannot give.
    hints.special_tokens = {{"<|end|>", 300}, {"<|also the end|>", 300}};
    CHECK_EQ(outcome([&] { write_tokenizer_json(read_tiktoken(small_rank_file(), hints)); }),
             "unsupported");
    hints.special_tokens = {{"ab", 300}};
    CHECK_EQ(outcome([&] { write_tokenizer_json(read_tiktoken(small_rank_file(), hints)); }),
             "unsupported");
}

TEST(binary_definitions) {
    LoadHints hints;
    hints.pattern = "x";
    hints.special_tokens = {{"<|end|>", 300}, {"<|also the end|>", 300}};
    std::vector<Definition> const definitions{
        load(small_tokenizer_json()),
        load(small_tekken()),
        load(with("\"unk_token\":null", "\"unk_token\":\"\u2581x\"")),
        load(with("\"padding\":null",
                  "\"padding\":{\"strategy\":\"BatchLongest\",\"direction\":\"Left\","
                  "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"\\n\"}")),
        read_tiktoken(small_rank_file() + "= 262\n", hints),
        read_vocab_merges(small_vocab_json(), small_merges_txt()),
    };
    for (Definition const& d : definitions) {
        std::string const data = serialize_definition(d);
        CHECK(deserialize_definition(data) == d);
        CHECK_EQ(outcome([&] { deserialize_definition(data + '\0'); }), "invalid");
        for (std::size_t size = 0; size < data.size(); ++size) {
            CHECK_EQ(outcome([&] { deserialize_definition(data.substr(0, size)); }), "invalid");
        }
        // Damage is either noticed or gives another definition that is as good as any.
        for (std::size_t bit = 0; bit < 8 * data.size(); bit += 3) {
            std::string damaged = data;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
            try {
                Definition const other = deserialize_definition(damaged);
                CHECK(deserialize_definition(serialize_definition(other)) == other);
            } catch (Error const& error) {
                CHECK(error.kind() == ErrorKind::invalid_tokenizer);
            }
        }
    }
}
