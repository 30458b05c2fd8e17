// Encodings: looking things up, cutting, padding, merging; truncation of pairs; post-processors.
#include <memory>
#include <string>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/stage_readers.h"
#include "pipeline/encoding.h"
#include "pipeline/padding.h"
#include "pipeline/truncation.h"
#include "postprocessors/end_tokens.h"
#include "postprocessors/post_processor.h"
#include "postprocessors/trim_offsets.h"

namespace tokmill::stages {
namespace {

using Ids = std::vector<std::uint32_t>;

// Tokens of one word each, two characters long, at rising ids.
Encoding numbered(std::uint32_t first, std::size_t count, std::uint32_t type_id = 0) {
    Encoding encoding;
    for (std::uint32_t i = 0; i < count; ++i) {
        encoding.push_back(first + i, "t" + std::to_string(first + i), {2 * i, 2 * i + 2}, i,
                           type_id);
    }
    return encoding;
}

std::vector<Ids> overflowing_ids(Encoding const& encoding) {
    std::vector<Ids> ids;
    for (Encoding const& part : encoding.overflowing) ids.push_back(part.ids);
    return ids;
}

PostProcessorPtr processor(std::string const& text) {
    json::Reader reader(text);
    DefinitionFile const file(reader);
    json::Value const value = reader.value();
    return stages::read_post_processor(value, file);
}

// The message of what `call` throws; empty if it throws nothing.
template <class Call>
std::string message_of(Call const& call) {
    try {
        call();
    } catch (Error const& error) {
        return error.what();
    }
    return {};
}

TEST(encoding_look_ups) {
    Encoding first = numbered(10, 3);
    Encoding second = numbered(20, 2, 1);
    second.words = {0, 0};
    first.set_sequence_id(0);
    second.set_sequence_id(1);
    first.merge_with(second, false);
    CHECK_EQ(first.n_sequences(), 2u);
    CHECK_EQ(first.token_to_sequence(2).value(), 0u);
    CHECK_EQ(first.token_to_sequence(3).value(), 1u);
    CHECK(!first.token_to_sequence(5));
    CHECK_EQ(first.word_to_tokens(0, 1).value(), (Span{3, 5}));
    CHECK_EQ(first.word_to_chars(0, 1).value(), (Span{0, 4}));
    CHECK(!first.word_to_tokens(3, 0));
    CHECK_EQ(first.char_to_token(3, 0).value(), 1u);
    CHECK_EQ(first.char_to_token(3, 1).value(), 4u);
    CHECK(!first.char_to_token(6, 0));
    CHECK_EQ(first.char_to_word(3, 1).value(), 0u);
    CHECK(first.token_to_chars(4).value() == (std::pair<std::size_t, Span>{1, {2, 4}}));
    CHECK(first.token_to_word(1).value() == (std::pair<std::size_t, std::uint32_t>{0, 1}));
    // A token behind the last one has a sequence if there is only one, but nothing else.
    CHECK_EQ(numbered(0, 2).token_to_sequence(2).value(), 0u);
    CHECK(!numbered(0, 2).token_to_chars(2));
    CHECK(!numbered(0, 2).token_to_sequence(3));
}

TEST(encoding_words_in_order_are_assumed) {
    Encoding encoding = numbered(0, 4);
    encoding.words = {0, Encoding::kNoWord, 2, 0};
    // The search for a word ends at the first one that is larger.
    CHECK_EQ(encoding.word_to_tokens(0, 0).value(), (Span{0, 1}));
    CHECK_EQ(encoding.word_to_tokens(2, 0).value(), (Span{2, 4 - 1}));
}

TEST(encoding_missing_sequence_is_everything) {
    Encoding encoding = numbered(0, 3);
    encoding.sequence_ranges = {{1, Span{1, 2}}};
    auto const sequences = encoding.sequence_ids();
    CHECK_EQ(encoding.n_sequences(), 1u);
    for (auto const& sequence : sequences) CHECK_EQ(sequence.value(), 0u);
}

TEST(encoding_truncate_right) {
    Encoding encoding = numbered(0, 5);
    encoding.truncate(3, 1, Side::right);
    CHECK_EQ(encoding.ids, (Ids{0, 1, 2}));
    CHECK(overflowing_ids(encoding) == std::vector<Ids>{{2, 3, 4}});
    encoding.truncate(2, 0, Side::right);
    CHECK(overflowing_ids(encoding) == std::vector<Ids>{{2}});
}

TEST(encoding_truncate_left) {
    Encoding encoding = numbered(0, 6);
    encoding.truncate(3, 1, Side::left);
    CHECK_EQ(encoding.ids, (Ids{3, 4, 5}));
    CHECK(overflowing_ids(encoding) == (std::vector<Ids>{{1, 2, 3}, {0, 1}}));
}

TEST(encoding_truncate_to_nothing) {
    Encoding encoding = numbered(0, 2);
    encoding.truncate(0, 7, Side::right);
    CHECK_EQ(encoding.size(), 0u);
    CHECK(overflowing_ids(encoding) == std::vector<Ids>{{0, 1}});
    Encoding short_one = numbered(0, 2);
    short_one.truncate(2, 9, Side::right);
    CHECK_EQ(short_one.size(), 2u);
    CHECK_THROWS(short_one.truncate(1, 1, Side::right));
}

TEST(encoding_pad) {
    Encoding encoding = numbered(7, 2);
    encoding.set_sequence_id(0);
    encoding.overflowing.push_back(numbered(9, 1));
    encoding.pad(4, {1, 2, "<p>"}, Side::left);
    CHECK_EQ(encoding.ids, (Ids{1, 1, 7, 8}));
    CHECK_EQ(encoding.type_ids, (Ids{2, 2, 0, 0}));
    CHECK_EQ(encoding.attention_mask, (Ids{0, 0, 1, 1}));
    CHECK_EQ(encoding.special_tokens_mask, (Ids{1, 1, 0, 0}));
    CHECK_EQ(encoding.words[0], Encoding::kNoWord);
    CHECK_EQ(encoding.sequence_ranges.at(0), (Span{2, 4}));
    CHECK_EQ(encoding.overflowing[0].ids, (Ids{1, 1, 1, 9}));
    encoding.pad(5, {1, 2, "<p>"}, Side::right);
    CHECK_EQ(encoding.ids, (Ids{1, 1, 7, 8, 1}));
    CHECK_EQ(encoding.sequence_ranges.at(0), (Span{2, 4}));
    CHECK_EQ(encoding.tokens.back(), "<p>");
}

TEST(encoding_pad_batch) {
    std::vector<Encoding> batch{numbered(0, 3), numbered(0, 5)};
    Padding padding;
    padding.multiple_of = 4;
    pad_encodings(batch, padding);
    CHECK_EQ(batch[0].size(), 8u);
    CHECK_EQ(batch[1].size(), 8u);
    padding.fixed_length = 2;
    pad_encodings(batch, padding);
    CHECK_EQ(batch[0].size(), 8u);
    pad_encodings({}, padding);
}

TEST(encoding_merge) {
    Encoding encoding = numbered(0, 2);
    encoding.merge_with(numbered(5, 1), true);
    CHECK_EQ(encoding.offsets, (std::vector<Span>{{0, 2}, {2, 4}, {4, 6}}));
    encoding.merge_with(numbered(6, 1), false);
    CHECK_EQ(encoding.offsets.back(), (Span{0, 2}));
    CHECK_EQ(Encoding::merge({}, true).size(), 0u);
}

TEST(encoding_merge_combines_what_overflows) {
    Encoding first = numbered(0, 2);
    first.truncate(1, 0, Side::right);
    Encoding second = numbered(10, 2);
    second.truncate(1, 0, Side::right);
    first.merge_with(second, false);
    CHECK_EQ(first.ids, (Ids{0, 10}));
    CHECK(overflowing_ids(first) == (std::vector<Ids>{{1, 10}, {1, 11}, {0, 11}}));
    CHECK(overflowing_ids(first.overflowing[0]) == std::vector<Ids>{{1, 11}});
    CHECK(overflowing_ids(first.overflowing[1]).empty());
    CHECK(overflowing_ids(first.overflowing[2]) == std::vector<Ids>{{1, 11}});
}

TEST(truncation_shares_a_pair) {
    auto const lengths = [](std::size_t n, std::size_t m, std::size_t max_length) {
        Encoding first = numbered(0, n);
        Encoding second = numbered(0, m);
        Truncation truncation;
        truncation.max_length = max_length;
        truncate_encodings(first, &second, truncation);
        return std::pair{first.size(), second.size()};
    };
    using Lengths = std::pair<std::size_t, std::size_t>;
    CHECK(lengths(2, 3, 5) == Lengths(2, 3));
    CHECK(lengths(2, 9, 5) == Lengths(2, 3));
    CHECK(lengths(9, 2, 5) == Lengths(3, 2));
    CHECK(lengths(9, 9, 5) == Lengths(2, 3));
    CHECK(lengths(10, 9, 5) == Lengths(3, 2));
    CHECK(lengths(9, 9, 1) == Lengths(0, 1));
    CHECK(lengths(4, 4, 0) == Lengths(0, 0));
}

TEST(truncation_of_one_sequence) {
    Encoding first = numbered(0, 4);
    Encoding second = numbered(0, 4);
    Truncation truncation;
    truncation.max_length = 5;
    truncation.strategy = TruncationStrategy::only_second;
    truncate_encodings(first, &second, truncation);
    CHECK_EQ(first.size(), 4u);
    CHECK_EQ(second.size(), 1u);
    truncation.max_length = 2;
    CHECK_EQ(message_of([&] { truncate_encodings(first, nullptr, truncation); }),
             "Truncation error: Second sequence not provided");
    truncation.strategy = TruncationStrategy::only_first;
    Encoding third = numbered(0, 9);
    CHECK_EQ(message_of([&] { truncate_encodings(first, &third, truncation); }),
             "Truncation error: Sequence to truncate too short to respect the provided max_length");
}

TEST(offsets_trimmed) {
    auto const trimmed = [](std::string const& token, Span offset, bool add_prefix_space,
                            bool first = true) {
        Encoding encoding;
        if (!first) encoding.push_back(0, "x", {0, 1}, 0, 0);
        encoding.push_back(0, token, offset, 0, 0);
        std::vector<Encoding> encodings{encoding};
        trim_offsets(encodings, add_prefix_space);
        return encodings[0].offsets.back();
    };
    CHECK_EQ(trimmed("\u0120a", {3, 5}, false), (Span{4, 5}));
    CHECK_EQ(trimmed("\u0120a", {3, 5}, true), (Span{3, 5}));
    CHECK_EQ(trimmed("\u0120a", {3, 5}, true, false), (Span{4, 5}));
    CHECK_EQ(trimmed("\u0120a", {0, 2}, true, false), (Span{0, 2}));
    CHECK_EQ(trimmed("\u0120\u0120a", {0, 3}, true), (Span{2, 3}));
    CHECK_EQ(trimmed("a\u3000 ", {3, 6}, false), (Span{3, 4}));
    CHECK_EQ(trimmed("\u0120", {3, 4}, false, false), (Span{4, 4}));
    CHECK_EQ(trimmed("  ", {0, 1}, false), (Span{1, 1}));
    CHECK_EQ(trimmed("", {0, 1}, false), (Span{0, 1}));
}

TEST(bert_and_roberta_pairs) {
    PostProcessorPtr const bert = processor(R"({"sep":["S",2],"cls":["C",1]})");
    Encoding const plain = post_process(bert.get(), numbered(10, 2), numbered(20, 1), true);
    CHECK_EQ(plain.ids, (Ids{1, 10, 11, 2, 20, 2}));
    CHECK_EQ(plain.type_ids, (Ids{0, 0, 0, 0, 1, 1}));
    CHECK_EQ(plain.special_tokens_mask, (Ids{1, 0, 0, 1, 0, 1}));
    CHECK_EQ(plain.sequence_ranges.at(0), (Span{1, 3}));
    CHECK_EQ(plain.sequence_ranges.at(1), (Span{4, 5}));
    CHECK_EQ(bert->added_tokens(true), 3u);

    PostProcessorPtr const roberta =
        processor(R"({"sep":["S",2],"cls":["C",1],"trim_offsets":true,"add_prefix_space":true})");
    Encoding const zero = post_process(roberta.get(), numbered(10, 1), numbered(20, 1), true);
    CHECK_EQ(zero.ids, (Ids{1, 10, 2, 2, 20, 2}));
    CHECK_EQ(zero.type_ids, (Ids{0, 0, 0, 0, 0, 0}));
    CHECK_EQ(post_process(roberta.get(), numbered(10, 1), std::nullopt, false).ids, (Ids{10}));
    CHECK_EQ(roberta->added_tokens(true), 4u);
}

TEST(template_processing) {
    PostProcessorPtr const stage = processor(R"({"type":"TemplateProcessing",
        "single":[{"SpecialToken":{"id":"[C]","type_id":0}},{"Sequence":{"id":"A","type_id":3}}],
        "pair":[{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"no","type_id":0}},
                {"Sequence":{"id":"A","type_id":0}}],
        "special_tokens":{"[C]":{"id":"[C]","ids":[8,9],"tokens":["x","y"]}}})");
    Encoding const single = post_process(stage.get(), numbered(10, 1), std::nullopt, true);
    CHECK_EQ(single.ids, (Ids{8, 9, 10}));
    CHECK_EQ(single.type_ids, (Ids{0, 0, 3}));
    CHECK_EQ(stage->added_tokens(false), 2u);
    CHECK_EQ(stage->added_tokens(true), 0u);
    CHECK_EQ(post_process(stage.get(), numbered(10, 1), numbered(20, 1), false).ids, (Ids{20, 10}));
    CHECK_THROWS(post_process(stage.get(), numbered(10, 1), numbered(20, 1), true));
    CHECK_THROWS(stage->process({}, true));
}

TEST(no_post_processor) {
    Encoding const pair = post_process(nullptr, numbered(1, 1), numbered(2, 1, 1), true);
    CHECK_EQ(pair.ids, (Ids{1, 2}));
    CHECK_EQ(pair.type_ids, (Ids{0, 1}));
    CHECK_EQ(pair.n_sequences(), 2u);
    CHECK(post_process(nullptr, numbered(1, 1), std::nullopt, true).sequence_ranges.empty());
}

TEST(post_processors_are_told_by_their_fields) {
    CHECK(processor("null") == nullptr);
    // What RobertaProcessing cannot be is BertProcessing, whatever its type says.
    std::string const odd = R"({"type":"RobertaProcessing","sep":["S",2],"cls":["C",1],
                                "trim_offsets":"x","add_prefix_space":true})";
    CHECK(dynamic_cast<BertProcessing const*>(processor(odd).get()) != nullptr);
    char const* const refused[] = {
        "7",
        R"({})",
        R"({"sep":["S",2]})",
        R"({"sep":["S",2.0],"cls":["C",1]})",
        R"({"sep":["S",2,3],"cls":["C",1]})",
        R"({"sep":["S",4294967296],"cls":["C",1]})",
        R"({"sep":["S",2],"sep":["S",2],"cls":["C",1]})",
        R"({"trim_offsets":true,"add_prefix_space":true})",
        R"({"type":"ByteLevel","trim_offsets":true})",
        R"({"type":"ByteLevel","trim_offsets":true,"add_prefix_space":true,"use_regex":3})",
        R"({"processors":[]})",
        R"({"type":"Sequence","processors":[null]})",
        R"({"type":"Sequence","processors":[{}]})",
        R"({"single":[],"pair":[]})",
        R"({"single":[{}],"pair":[],"special_tokens":{}})",
        R"({"single":[{"Sequence":{"id":"C","type_id":0}}],"pair":[],"special_tokens":{}})",
        R"({"single":[],"pair":[],
            "special_tokens":{"a":{"id":"a","ids":[1,2],"tokens":["a"]}}})",
    };
    for (char const* const text : refused) CHECK_THROWS(processor(text));
    CHECK_EQ(processor(R"({"type":"Sequence","processors":[]})")->added_tokens(true), 0u);
}

}  // namespace
}  // namespace tokmill::stages
