// The models of the general pipeline: what the tests in Python against tokenizers do not reach,
// such as long input, several threads and options of live models.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/json.h"
#include "formats/stage_readers.h"
#include "formats/write_model.h"
#include "models/character_bpe.h"
#include "models/general_bpe.h"
#include "models/piece_trie.h"
#include "models/unigram.h"
#include "models/wordlevel.h"
#include "models/wordpiece.h"

using namespace tokmill;
using namespace tokmill::stages;

namespace {

ModelPtr read(std::string_view text) {
    json::Reader reader(text);
    ModelPtr model = read_model(reader, DefinitionFile(reader));
    reader.finish();
    return model;
}

// "" if the text is a model, else the complaint.
std::string complaint(std::string_view text) {
    try {
        read(text);
        return "";
    } catch (Error const& error) {
        return error.what();
    }
}

std::vector<std::uint32_t> ids(Model const& model, std::string_view text) {
    std::vector<std::uint32_t> result;
    model.tokenize_ids(text, result);
    return result;
}

std::vector<std::string> values(Model const& model, std::string_view text) {
    std::vector<Token> tokens;
    model.tokenize(text, tokens);
    std::vector<std::string> result;
    for (Token const& token : tokens) result.push_back(token.value);
    return result;
}

using Ids = std::vector<std::uint32_t>;
using Values = std::vector<std::string>;

constexpr char kBpe[] =
    R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"abab":3,"u":4,"<0xC3>":5,"<0xA9>":6},)"
    R"("merges":[["a","b"],["ab","ab"]],"unk_token":"u","byte_fallback":true})";
constexpr char kUnigram[] =
    R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1],["b",-1.5],["ab",-2.5],["ba",-9]]})";
constexpr char kWordPiece[] =
    R"({"type":"WordPiece","unk_token":"u","continuing_subword_prefix":"##",)"
    R"("max_input_chars_per_word":100,"vocab":{"u":0,"ab":1,"a":2,"##a":3,"##ab":4}})";

}  // namespace

TEST(models_long_bpe_piece) {
    ModelPtr const model = read(kBpe);
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "ab";
    CHECK(ids(*model, text) == Ids(100'000, 3));
    CHECK(ids(*model, std::string(300'000, 'a')) == Ids(300'000, 0));
    // Unknown characters stay apart without fuse_unk.
    CHECK(ids(*model, std::string(100'000, 'x')) == Ids(100'000, 4));
}

// Short texts are merged another way than long ones, and characters that merge with nothing yet
// another way; tokens, which have offsets, are always made the long way.
TEST(models_bpe_ways_agree) {
    std::uint64_t state = 1;
    auto const random = [&](std::size_t end) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::size_t>(state >> 33) % end;
    };
    for (int round = 0; round < 20; ++round) {
        std::vector<std::string> tokens = {"a", "b", "c", "\u2581", "\u4e2d"};
        constexpr std::size_t kJoined = 4;  // the last one has no merges
        std::vector<std::pair<std::string, std::string>> joined;
        std::string const digits = "0123456789ABCDEF";
        for (unsigned byte = 0; byte < 256; ++byte) {
            tokens.push_back(std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + ">");
        }
        std::size_t const first = tokens.size();
        auto const part = [&] {
            std::size_t const i = random(kJoined + tokens.size() - first);
            return tokens[i < kJoined ? i : first + i - kJoined];
        };
        for (int n = 0; n < 40; ++n) {
            std::string const left = part(), right = part();
            joined.emplace_back(left, right);
            if (std::find(tokens.begin(), tokens.end(), left + right) == tokens.end()) {
                tokens.push_back(left + right);
            }
        }
        std::vector<TokenVocabulary::Item> items;
        for (std::string const& token : tokens) {
            items.push_back({token, static_cast<std::uint32_t>(items.size() + 7)});
        }
        std::vector<GeneralBpe::MergeText> const merges(joined.begin(), joined.end());
        BpeOptions options;
        options.byte_fallback = true;
        GeneralBpe const model(items, merges, options);
        auto const compiled = model.compile(true);
        for (int n = 0; n < 100; ++n) {
            std::vector<std::string> const pieces = {"a",      "b",      "c",     "\u2581",
                                                     "\u4e2d", "\u56fd", "\u00e9"};
            std::string text, behind;
            for (std::size_t i = random(4); i > 0; --i) text += random(2) ? "\u4e2d" : "\u56fd";
            for (std::size_t i = random(n % 4 == 0 ? 90 : 20); i > 0; --i) {
                behind += pieces[random(n % 2 == 0 ? 3 : pieces.size())];
            }
            text += behind;
            std::vector<Token> wanted;
            model.tokenize(text, wanted);
            Ids want;
            for (Token const& token : wanted) want.push_back(token.id);
            CHECK(ids(model, text) == want);
            std::string spaced = text;
            for (std::size_t at; (at = spaced.find("\u2581")) != std::string::npos;) {
                spaced.replace(at, 3, " ");
            }
            Ids marked;
            if (compiled->add_ids(spaced, marked)) CHECK(marked == want);
        }
    }
}

TEST(models_bpe_options_of_a_live_model) {
    ModelPtr const model = read(kBpe);
    auto const& bpe = dynamic_cast<GeneralBpe const&>(*model);
    BpeOptions options = bpe.options();
    options.fuse_unk = true;
    CHECK(ids(*bpe.with_options(options), "xxx") == Ids{4});
    options.dropout = 1.0f;
    CHECK(ids(*bpe.with_options(options), "abab") == (Ids{0, 1, 0, 1}));
    options.unk_token = "missing";
    CHECK_THROWS(ids(*bpe.with_options(options), "x"));
    options.unk_token.reset();
    CHECK(ids(*bpe.with_options(options), "xaé") == (Ids{0, 5, 6}));
    CHECK(ids(bpe, "xxx") == (Ids{4, 4, 4}));
    CHECK_EQ(bpe.merges().size(), 2u);
}

TEST(models_long_unigram_text) {
    ModelPtr const model = read(kUnigram);
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "ab";
    // Equal sums: the longer piece.
    CHECK(ids(*model, text) == Ids(200'000, 3));
    CHECK(ids(*model, std::string(200'000, 'x')) == Ids{0});
    CHECK(values(*model, "axxb") == (Values{"a", "xx", "b"}));
}

// The first look at a piece finds out whether it stays whole; later ones use that.
TEST(models_unigram_remembers_whole_pieces) {
    ModelPtr const model = read(kUnigram);
    for (int i = 0; i < 3; ++i) {
        CHECK(ids(*model, "ab") == Ids{3});
        CHECK(ids(*model, "ba") == (Ids{2, 1}));
        CHECK(values(*model, "ab") == Values{"ab"});
    }
    std::vector<std::thread> threads;
    ModelPtr const fresh = read(kUnigram);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n) {
                if (ids(*fresh, "ab") != Ids{3} || ids(*fresh, "ba") != Ids{2, 1}) std::abort();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

TEST(models_unigram_samples) {
    ModelPtr const model = read(kUnigram);
    auto const& unigram = dynamic_cast<Unigram const&>(*model);
    UnigramOptions options = unigram.options();
    options.alpha = 0.5;
    for (std::size_t const nbest : {0, 1, 2, 50}) {
        options.nbest_size = nbest;
        auto const sampling = unigram.with_options(options);
        bool varies = false;
        for (int i = 0; i < 200; ++i) {
            std::string joined;
            for (std::string const& value : values(*sampling, "ababxba")) joined += value;
            CHECK_EQ(joined, "ababxba");
            varies |= ids(*sampling, "ababxba") !=
                      ids(*unigram.with_options({0u, false, {}, {}}), "ababxba");
        }
        CHECK_EQ(varies, nbest != 1);
    }
}

TEST(models_wordpiece) {
    ModelPtr const model = read(kWordPiece);
    CHECK(values(*model, "ababa") == (Values{"ab", "##ab", "##a"}));
    CHECK(values(*model, "abb") == Values{"u"});
    CHECK(ids(*model, std::string(101, 'a')) == Ids{0});
    CHECK(ids(*model, "") == Ids{});
    auto const& wordpiece = dynamic_cast<WordPiece const&>(*model);
    WordPieceOptions options = wordpiece.options();
    options.max_input_chars_per_word = 1'000'000;
    Ids expected(100'000, 3);
    expected[0] = 2;
    CHECK(ids(*wordpiece.with_options(options), std::string(100'000, 'a')) == expected);
    options.continuing_subword_prefix = "no";
    CHECK(ids(*wordpiece.with_options(options), "aa") == Ids{0});
}

TEST(models_vocabulary_with_holes) {
    ModelPtr const model = read(
        R"({"type":"WordLevel","unk_token":"c","vocab":{"c":4294967295,"b":7,"a":7,"d":3,"b":9}})");
    CHECK_EQ(model->vocab_size(), 4u);
    CHECK(model->id_to_token(7) == "a");
    CHECK(model->id_to_token(9) == "b");
    CHECK(model->id_to_token(4294967295) == "c");
    CHECK(!model->id_to_token(8));
    CHECK(model->token_to_id("b") == 9u);
    CHECK(ids(*model, "x") == Ids{4294967295});
    CHECK_EQ(write_model_json(*model, JsonLayout::compact),
             R"({"type":"WordLevel","vocab":{"d":3,"a":7,"b":9,"c":4294967295},"unk_token":"c"})");
}

TEST(models_types_are_found_out) {
    CHECK_EQ(std::string(read(R"({"vocab":{"a":0},"merges":[]})")->type()), "BPE");
    CHECK_EQ(std::string(read(R"({"vocab":{"a":0},"unk_token":"a"})")->type()), "WordLevel");
    CHECK_EQ(std::string(read(R"({"vocab":[["a",0]]})")->type()), "Unigram");
    // What is no BPE may still be a WordLevel.
    CHECK_EQ(std::string(read(R"({"vocab":{"a":0},"unk_token":"a","merges":["b b"]})")->type()),
             "WordLevel");
    constexpr char kNone[] = "data did not match any variant";
    for (char const* text :
         {"{}", "3", "null", "[]", R"({"type":"Foo","vocab":{"a":0},"merges":[]})",
          R"({"type":"BPE","type":"BPE","vocab":{"a":0},"merges":[]})",
          R"({"vocab":[["a",0,1]]})"}) {
        CHECK(complaint(text).starts_with(kNone));
    }
}

TEST(models_complaints) {
    CHECK(complaint(R"({"type":"BPE"})").starts_with("Missing vocab/merges"));
    // Tokenizers crashes here.
    CHECK(complaint(R"({"type":"BPE","vocab":{"a":0},"merges":["a a"]})")
              .starts_with("model BPE with the impossible merge"));
    CHECK(complaint(R"({"type":"BPE","vocab":{"a":0,"bb":1},"merges":["a a"]})")
              .starts_with("Token `aa` out of vocabulary"));
    CHECK(complaint(R"({"type":"BPE","vocab":{"a":0},"merges":["a"]})")
              .starts_with("Merges text file invalid at line 1"));
    CHECK(complaint(R"({"type":"BPE","dropout":1.5,"vocab":{},"merges":[]})")
              .starts_with("Dropout should be between 0 and 1"));
    CHECK(complaint(R"({"type":"WordPiece","vocab":{}})").starts_with("missing field"));
    CHECK(complaint(R"({"type":"Unigram","unk_id":1,"vocab":[["a",1]]})")
              .starts_with("Unable to load vocab UnkIdNotInVocabulary"));
    CHECK(complaint(R"({"type":"Unigram","vocab":[["a",1e400]]})")
              .starts_with("number out of range"));
}

TEST(models_pretty_json) {
    CHECK_EQ(write_model_json(*read(R"({"vocab":[["a",0]]})"), JsonLayout::pretty, 1),
             "{\n    \"type\": \"Unigram\",\n    \"unk_id\": null,\n    \"vocab\": [\n      [\n"
             "        \"a\",\n        0.0\n      ]\n    ],\n    \"byte_fallback\": false\n  }");
    CHECK_EQ(
        write_model_json(*read(R"({"vocab":{},"merges":[],"dropout":0.1})"), JsonLayout::compact),
        R"({"type":"BPE","dropout":0.1,"unk_token":null,"continuing_subword_prefix":null,)"
        R"("end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,)"
        R"("ignore_merges":false,"vocab":{},"merges":[]})");
}

TEST(models_piece_trie) {
    std::vector<std::string_view> const pieces = {"b", "abc", "", "ab", "\xFF\x00z", "b\xC3"};
    PieceTrie const trie(pieces);
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
        PieceTrie::Node node = trie.root();
        CHECK(trie.walk(node, pieces[i]));
        if (!pieces[i].empty()) CHECK_EQ(PieceTrie::piece(node), i);
    }
    PieceTrie::Node node = trie.root();
    CHECK(trie.walk(node, "a"));
    CHECK(!PieceTrie::has_piece(node));
    CHECK(!trie.step(node, 'c'));
    node = trie.root();
    CHECK(trie.walk(node, "abc"));
    for (unsigned byte = 0; byte < 256; ++byte) {
        PieceTrie::Node leaf = node;
        CHECK(!trie.step(leaf, static_cast<unsigned char>(byte)));
        PieceTrie::Node nowhere = PieceTrie::nowhere();
        CHECK(!trie.step(nowhere, static_cast<unsigned char>(byte)));
    }
}
