// The SentencePiece engine: models that are broken are refused, and the fast way to ids gives what
// the slow one gives. Equality with the reference is tested from Python.
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/parallel.h"
#include "random_vocabulary.h"
#include "sentencepiece/charsmap.h"
#include "sentencepiece/processor.h"
#include "small_sentencepiece.h"

using namespace tokmill;
using namespace tokmill::sentencepiece;
using namespace tokmill::test;

namespace {

using Ids = std::vector<std::uint32_t>;

Ids fast_ids(Processor const& processor, std::string_view text) {
    Ids ids;
    processor.encode_ids(text, ids);
    return ids;
}

Ids slow_ids(Processor const& processor, std::string_view text) {
    Ids ids;
    for (TextPiece const& piece : processor.encode(text).pieces) ids.push_back(piece.id);
    return ids;
}

std::string random_text(Random& random, std::size_t bits) {
    static constexpr std::string_view kBits[] = {"a",
                                                 "b",
                                                 "c",
                                                 "ab",
                                                 "abc",
                                                 "cab",
                                                 " ",
                                                 "  ",
                                                 "\t",
                                                 "A",
                                                 "x",
                                                 "▁",
                                                 "▁▁",
                                                 "<x>",
                                                 "</s>",
                                                 "\xE6\xBC\xA2",
                                                 "\xC3\xA9",
                                                 "\xF0\x9F\x98\x80",
                                                 "\xFF",
                                                 "\xE6\xBC",
                                                 std::string_view("\0", 1)};
    std::string text;
    while (bits-- > 0) text += kBits[below(random, std::size(kBits))];
    return text;
}

bool is_refused(std::string_view model) {
    try {
        Processor::load(model);
    } catch (Error const& error) {
        return error.kind() == ErrorKind::invalid_tokenizer;
    }
    return false;
}

// A model with pieces over a few characters, whose scores are close to each other.
SmallModel random_model(Random& random, ModelType type) {
    SmallModel model;
    model.type = type;
    model.byte_fallback = below(random, 2) == 0;
    model.collapse_spaces = below(random, 2) == 0;
    std::vector<std::string> texts{"a", "b", "▁"};
    for (int i = 0; i < 25; ++i) {
        texts.push_back(texts[below(random, texts.size())] + texts[below(random, texts.size())]);
    }
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    for (std::string const& text : texts) {
        // With more digits than a sum of many of them can keep.
        model.pieces.emplace_back(text, -static_cast<float>(below(random, 1'000'000)) / 100'000);
    }
    return model;
}

}  // namespace

TEST(sentencepiece_fast_ids_are_those_of_the_pieces) {
    Random random(1);
    for (SmallModel const& model : small_models()) {
        auto const processor = Processor::load(model.bytes());
        for (int i = 0; i < 300; ++i) {
            std::string const text = random_text(random, below(random, 30));
            CHECK_EQ(fast_ids(*processor, text), slow_ids(*processor, text));
        }
    }
}

TEST(sentencepiece_fast_ids_of_random_models) {
    Random random(2);
    for (int round = 0; round < 60; ++round) {
        ModelType const type = round % 2 == 0 ? ModelType::unigram : ModelType::bpe;
        auto const processor = Processor::load(random_model(random, type).bytes());
        for (int i = 0; i < 20; ++i) {
            std::string text;
            for (std::size_t n = below(random, 200); n > 0; --n)
                text += "aabb  c"[below(random, 7)];
            CHECK_EQ(fast_ids(*processor, text), slow_ids(*processor, text));
        }
    }
}

// The sum of scores before a part decides how it is rounded: it grows to where pieces hardly count,
// and is brought back to zero.
TEST(sentencepiece_long_sums_of_scores) {
    Random random(3);
    for (int round = 0; round < 10; ++round) {
        auto const processor = Processor::load(random_model(random, ModelType::unigram).bytes());
        std::string text;
        while (text.size() < 60'000) text += "aabb  c"[below(random, 7)];
        CHECK_EQ(fast_ids(*processor, text), slow_ids(*processor, text));
    }
}

TEST(sentencepiece_decoding_gives_the_text_back) {
    for (SmallModel const& model : small_models()) {
        // A word model does not know these words, and a space as suffix stays.
        if (model.type == ModelType::word || model.space_as_suffix) continue;
        auto const processor = Processor::load(model.bytes());
        CHECK_EQ(processor->decode_ids(fast_ids(*processor, "ab abc ca")), "ab abc ca");
    }
    auto const processor = Processor::load(small_models()[2].bytes());
    CHECK_EQ(processor->decode_ids(fast_ids(*processor, "  \xF0\x9F\x98\x80 ")),
             "  \xF0\x9F\x98\x80 ");
    Ids const beyond{0, 1, static_cast<std::uint32_t>(processor->vocabulary_size())};
    try {
        processor->decode_ids(beyond);
        CHECK(false);
    } catch (Error const& error) {
        CHECK_EQ(error.kind(), ErrorKind::unknown_token);
        CHECK_EQ(error.position(), 2u);
    }
}

TEST(sentencepiece_pieces_partition_the_text) {
    Random random(4);
    auto const processor = Processor::load(small_models()[2].bytes());
    for (int i = 0; i < 200; ++i) {
        std::string const text = random_text(random, 20);
        TextPieces const pieces = processor->encode(text);
        std::uint32_t at = 0;
        for (TextPiece const& piece : pieces.pieces) {
            CHECK_EQ(piece.begin, at);
            at = piece.end;
        }
        CHECK_EQ(at, pieces.pieces.empty() ? 0 : text.size());
    }
}

TEST(sentencepiece_truncated_models_are_refused) {
    std::string const model = small_models()[3].bytes();
    std::size_t refused = 0;
    for (std::size_t size = 0; size < model.size(); ++size) {
        try {
            // At the end of a field the rest may be missing without a trace.
            fast_ids(*Processor::load(model.substr(0, size)), "ab <x> c");
        } catch (Error const& error) {
            CHECK_EQ(error.kind(), ErrorKind::invalid_tokenizer);
            ++refused;
        }
    }
    CHECK(refused > model.size() / 2);
}

TEST(sentencepiece_broken_models_are_refused) {
    SmallModel model = small_models()[0];
    model.pieces.emplace_back("a", -1.0f);
    CHECK(is_refused(model.bytes()));  // twice
    model = small_models()[0];
    model.pieces.emplace_back("", -1.0f);
    CHECK(is_refused(model.bytes()));
    model.pieces.back().first = std::string("a\0", 2);
    CHECK(is_refused(model.bytes()));
    model.pieces.back().first = std::string(9000, 'a');
    CHECK(is_refused(model.bytes()));
    model.pieces.back() = {"aa", std::numeric_limits<float>::quiet_NaN()};
    CHECK(is_refused(model.bytes()));
    CHECK(is_refused(""));  // no unknown piece
    CHECK(is_refused("\xFF"));
    // Groups without end, and nested too deep.
    CHECK(is_refused("\x0B"));
    CHECK(is_refused(std::string(1000, '\x0B')));
}

TEST(sentencepiece_charsmap_entries_come_back) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (unsigned a = 1; a < 256; a += 3) {
        for (unsigned b = 1; b < 256; b += 7) {
            entries.emplace_back(std::string{static_cast<char>(a), static_cast<char>(b)},
                                 std::to_string(a * b % 97));
        }
    }
    std::sort(entries.begin(), entries.end());
    Charsmap const charsmap(compile_charsmap(entries));
    CHECK(charsmap.entries() == entries);
    for (auto const& [text, replacement] : entries) {
        Charsmap::Match const match = charsmap.longest(text + "?");
        CHECK_EQ(match.size, text.size());
        CHECK_EQ(std::string_view(match.replacement), replacement);
    }
    CHECK_EQ(charsmap.longest("\x02\x01").size, 0u);
}

TEST(sentencepiece_hostile_charsmaps_are_refused) {
    std::string const good = compile_charsmap({{"a", "b"}, {"abc", "d"}});
    Random random(5);
    for (int i = 0; i < 3000; ++i) {
        std::string blob = good;
        for (std::size_t n = 1 + below(random, 4); n > 0; --n) {
            blob[below(random, blob.size())] = static_cast<char>(below(random, 256));
        }
        try {
            Charsmap const charsmap(blob);
            // Whatever it holds, searches stay inside.
            for (char const* text : {"abcabc", "\xFF\xFF", "zzzz"}) {
                Charsmap::Match const match = charsmap.longest(text);
                if (match.size != 0)
                    CHECK(std::string_view(match.replacement).size() < blob.size());
            }
        } catch (Error const& error) {
            CHECK_EQ(error.kind(), ErrorKind::invalid_tokenizer);
        }
    }
}

TEST(sentencepiece_threads_agree) {
    Random random(6);
    auto const processor = Processor::load(small_models()[1].bytes());
    std::vector<std::string> texts;
    std::vector<Ids> expected;
    for (int i = 0; i < 400; ++i) {
        texts.push_back(random_text(random, 40));
        expected.push_back(slow_ids(*processor, texts.back()));
    }
    std::vector<Ids> actual(texts.size());
    parallel_for(texts.size(), 4,
                 [&](std::size_t i, std::size_t) { actual[i] = fast_ids(*processor, texts[i]); });
    CHECK(actual == expected);
}
