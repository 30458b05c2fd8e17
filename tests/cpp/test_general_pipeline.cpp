// The general pipeline with a model that knows single letters, and the added vocabulary with its
// rules of ids.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "formats/read_general.h"
#include "pipeline/decode_stream.h"
#include "pipeline/general_pipeline.h"

namespace tokmill::stages {
namespace {

using Ids = std::vector<std::uint32_t>;

// Words "a" to "e" with ids 0 to 4, and "z" with id 9: the next free id by the rules is 6. The
// pre-tokenizer takes white space away; the normalizer makes capitals small.
std::string definition(std::string const& added_tokens, std::string const& more = "") {
    return R"({"version":"1.0","added_tokens":)" + added_tokens +
           R"(,"normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"},)" +
           more +
           R"("model":{"type":"WordLevel","vocab":{"a":0,"b":1,"c":2,"d":3,"e":4,"z":9},
              "unk_token":"e"}})";
}

AddedToken token(std::string content, bool special = false, bool normalized = true) {
    AddedToken result;
    result.content = std::move(content);
    result.special = special;
    result.normalized = normalized;
    return result;
}

Ids ids_of(GeneralPipeline const& pipeline, std::string_view text) {
    Ids ids;
    pipeline.encode_ids(text, true, ids);
    CHECK_EQ(pipeline.encode({text, std::nullopt}, true).ids, ids);
    return ids;
}

TEST(general_added_ids) {
    GeneralPipeline pipeline = read_general(definition("[]"));
    CHECK_EQ(pipeline.add_tokens({token("b"), token("new"), token("new"), token("")}), 2u);
    CHECK_EQ(pipeline.token_to_id("b").value(), 1u);
    CHECK_EQ(pipeline.token_to_id("new").value(), 6u);
    // The same again is nothing new; with other properties it is.
    CHECK_EQ(pipeline.add_tokens({token("new")}), 0u);
    CHECK_EQ(pipeline.add_tokens({token("new", true)}), 1u);
    CHECK(pipeline.added_vocabulary().is_special("new"));
    CHECK_EQ(pipeline.add_tokens({token("new"), token("other")}), 2u);
    CHECK(pipeline.added_vocabulary().is_special("new"));
    CHECK_EQ(pipeline.token_to_id("other").value(), 7u);
    CHECK_EQ(pipeline.vocab_size(false), 6u);
    CHECK_EQ(pipeline.vocab_size(true), 8u);
    CHECK_EQ(pipeline.vocabulary(true).size(), 8u);
    CHECK_EQ(pipeline.added_vocabulary().tokens().size(), 3u);
    // An id above all others moves the next one.
    CHECK_EQ(pipeline.add_tokens({token("z")}), 1u);
    CHECK_EQ(pipeline.add_tokens({token("last")}), 1u);
    CHECK_EQ(pipeline.token_to_id("last").value(), 10u);
}

TEST(general_added_tokens_are_found) {
    GeneralPipeline pipeline = read_general(definition("[]"));
    pipeline.add_tokens({token("<X>", true, false), token("New")});
    // The content that is not normalized must be there as it is, the other one in any case.
    CHECK_EQ(ids_of(pipeline, "a<X>b NEWc <x>"), (Ids{0, 6, 1, 7, 2, 4}));
    pipeline.set_encode_special_tokens(true);
    CHECK_EQ(ids_of(pipeline, "a <X> new"), (Ids{0, 4, 7}));
    // Another normalizer, another normal form.
    pipeline.set_normalizer(nullptr);
    CHECK_EQ(ids_of(pipeline, "new New"), (Ids{4, 7}));
}

TEST(general_offsets_and_words) {
    GeneralPipeline const pipeline = read_general(definition("[]"));
    Encoding const text = pipeline.encode({std::string_view("\u00e9 b"), std::nullopt}, true);
    CHECK_EQ(text.offsets, (std::vector<Span>{{0, 1}, {2, 3}}));
    CHECK_EQ(text.words, (Ids{0, 1}));
    Encoding const bytes =
        pipeline.encode({std::string_view("\u00e9 b"), std::nullopt}, true, OffsetUnit::bytes);
    CHECK_EQ(bytes.offsets, (std::vector<Span>{{0, 2}, {3, 4}}));
    Encoding const fast =
        pipeline.encode({std::string_view("a b"), std::string_view("c")}, true, OffsetUnit::none);
    CHECK_EQ(fast.ids, (Ids{0, 1, 2}));
    CHECK_EQ(fast.type_ids, (Ids{0, 0, 0}));
    CHECK_EQ(fast.tokens[0], "");
    CHECK_EQ(fast.words[2], Encoding::kNoWord);

    std::vector<std::string_view> const words{"a b", "", "c"};
    Encoding const cut = pipeline.encode({words, std::nullopt}, true);
    CHECK_EQ(cut.words, (Ids{0, 0, 2}));
    CHECK_EQ(cut.offsets, (std::vector<Span>{{0, 1}, {2, 3}, {0, 1}}));
    CHECK_EQ(pipeline.encode({std::vector<std::string_view>{}, std::nullopt}, true).size(), 0u);
}

TEST(general_truncation_and_padding) {
    GeneralPipeline pipeline =
        read_general(definition("[]", R"("post_processor":{"sep":["e",4],"cls":["d",3]},
                            "padding":{"strategy":"BatchLongest","direction":"Right","pad_id":7,
                                       "pad_type_id":0,"pad_token":"p"},)"));
    std::vector<Input> const inputs{{std::string_view("a"), std::nullopt},
                                    {std::string_view("a b c"), std::nullopt}};
    std::vector<Encoding> batch = pipeline.encode_batch(inputs, true, OffsetUnit::characters, 2);
    CHECK_EQ(batch[0].ids, (Ids{3, 0, 4, 7, 7}));
    CHECK_EQ(ids_of(pipeline, "a b"), (Ids{3, 0, 1, 4}));

    Truncation truncation;
    truncation.max_length = 4;
    truncation.stride = 1;
    pipeline.set_truncation(truncation);
    batch = pipeline.encode_batch(inputs, true, OffsetUnit::characters, 1);
    CHECK_EQ(batch[1].ids, (Ids{3, 0, 1, 4}));
    CHECK_EQ(batch[1].overflowing.at(0).ids, (Ids{3, 1, 2, 4}));
    truncation.stride = 3;
    CHECK_THROWS(pipeline.set_truncation(truncation));
    // Less than the special tokens alone is no limit at all.
    truncation.stride = 0;
    truncation.max_length = 1;
    pipeline.set_truncation(truncation);
    CHECK_EQ(pipeline.encode(inputs[1], true).size(), 5u);
    // encode_ids neither cuts nor pads.
    Ids ids;
    pipeline.encode_ids("a b c", true, ids);
    CHECK_EQ(ids, (Ids{3, 0, 1, 2, 4}));
}

TEST(general_decoding) {
    GeneralPipeline pipeline = read_general(definition("[]"));
    pipeline.add_tokens({token("<s>", true, false), token("New")});
    Ids const ids{6, 0, 77, 7};
    CHECK_EQ(pipeline.decode(ids, false), "<s> a new");
    CHECK_EQ(pipeline.decode(ids, true), "a new");
    std::vector<Ids> const rows{ids, {}};
    CHECK_EQ(pipeline.decode_batch(rows, true, 2), (std::vector<std::string>{"a new", ""}));
    DecodeStream stream;
    CHECK_EQ(stream.step(pipeline, Ids{0}).value(), "a");
    CHECK(!stream.step(pipeline, Ids{77}));
    CHECK_EQ(stream.step(pipeline, Ids{1}).value(), " b");
}

TEST(general_many_added_tokens_one_by_one) {
    GeneralPipeline pipeline = read_general(definition("[]"));
    auto const start = std::chrono::steady_clock::now();
    for (int i = 0; i < 200000; ++i) pipeline.add_tokens({token("<" + std::to_string(i) + ">")});
    CHECK_EQ(ids_of(pipeline, "<199999> a").at(0), 6u + 199999);
    auto const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CHECK(seconds < 20);  // quadratic work would take hours
}

TEST(general_refused) {
    std::string const flags =
        R"("single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false)";
    CHECK_EQ(
        read_general(definition(R"([{"id":50,"content":"q",)" + flags + "}]")).token_to_id("q"),
        std::optional<std::uint32_t>(6));
    std::string const refused[] = {
        "",
        "[]",
        R"({"version":"1.0"})",
        R"({"version":"3","model":{"type":"WordLevel","vocab":{},"unk_token":"a"}})",
        definition(R"([{"content":"q",)" + flags + "}]"),
        definition(R"([{"id":1,"id":1,"content":"q",)" + flags + "}]"),
        definition("{}"),
        definition("[]", R"("unknown":1,)"),
        definition("[]", R"("truncation":{"max_length":3,"strategy":"LongestFirst"},)"),
        definition("[]", R"("truncation":{"max_length":3,"strategy":"Longest","stride":0},)"),
        definition("[]", R"("truncation":{"max_length":-3,"strategy":"OnlyFirst","stride":0},)"),
        definition("[]", R"("padding":{"strategy":"Fixed","direction":"Right","pad_id":0,
                                       "pad_type_id":0,"pad_token":""},)"),
        definition("[]", R"("padding":[],)"),
    };
    for (std::string const& text : refused) CHECK_THROWS(read_general(text));
}

}  // namespace
}  // namespace tokmill::stages
