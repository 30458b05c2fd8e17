// BPE over characters, compiled, against merging by the definition; and runs of units against the
// stages of the pipeline.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check.h"
#include "formats/load_tokenizer.h"
#include "models/character_bpe.h"
#include "models/general_bpe.h"
#include "pipeline/general_tokenizer.h"

using namespace tokmill;
using namespace tokmill::stages;

namespace {

using Ids = std::vector<std::uint32_t>;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) {
    return random() % end;
}

std::string byte_token(unsigned byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    return std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + ">";
}

// Characters, bytes, and merges at random; some make tokens of parts that are made later.
struct RandomMerges {
    std::vector<std::string> tokens;
    std::vector<std::pair<std::string, std::string>> merges;

    explicit RandomMerges(Random& random) {
        std::vector<std::string> parts = {"a", "b", "c", "1", ".", "\u2581", "\u4e2d", "\u00e9"};
        if (below(random, 3) == 0) parts.push_back(" ");
        tokens = parts;
        for (unsigned byte = 0; byte < 256; ++byte) tokens.push_back(byte_token(byte));
        for (int n = 0; n < 60; ++n) {
            std::string const left = parts[below(random, parts.size())];
            std::string const right = parts[below(random, parts.size())];
            if (left.size() + right.size() > 24) continue;
            merges.emplace_back(left, right);
            if (std::find(parts.begin(), parts.end(), left + right) != parts.end()) continue;
            parts.push_back(left + right);
            tokens.push_back(left + right);
        }
        if (below(random, 2) == 0) std::shuffle(merges.begin(), merges.end(), random);
    }

    GeneralBpe model(bool byte_fallback) const {
        std::vector<TokenVocabulary::Item> items;
        for (std::string const& token : tokens) {
            items.push_back({token, static_cast<std::uint32_t>(items.size() + 3)});
        }
        std::vector<GeneralBpe::MergeText> const texts(merges.begin(), merges.end());
        BpeOptions options;
        options.byte_fallback = byte_fallback;
        return GeneralBpe(items, texts, options);
    }

    std::string json() const {
        std::string vocabulary, list;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            vocabulary += (i == 0 ? "\"" : ",\"") + tokens[i] + "\":" + std::to_string(i);
        }
        for (auto const& [left, right] : merges) {
            list += (list.empty() ? "[\"" : ",[\"") + left + "\",\"" + right + "\"]";
        }
        return R"({"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":)"
               R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first",)"
               R"("split":false},"model":{"type":"BPE","byte_fallback":true,"vocab":{)" +
               vocabulary + R"(},"merges":[)" + list + "]}}";
    }
};

std::string text(Random& random, std::size_t size, std::size_t kinds) {
    char const* const pieces[] = {"a", "b",  ".",      "1",      " ",      "c",  "\u4e2d",
                                  "x", "\n", "\u00e9", "\u56fd", "\u2581", "  ", "\U0001F600"};
    std::string result;
    for (std::size_t n = 0; n < size; ++n) {
        result += pieces[below(random, std::min(kinds, std::size(pieces)))];
    }
    return result;
}

std::string marked(std::string_view text) {
    std::string result;
    for (char const c : text) result += c == ' ' ? std::string("\u2581") : std::string(1, c);
    return result;
}

Ids by_definition(GeneralBpe const& model, std::string_view text) {
    std::vector<Token> tokens;
    model.tokenize(text, tokens);
    Ids ids;
    for (Token const& token : tokens) ids.push_back(token.id);
    return ids;
}

}  // namespace

TEST(character_bpe_merges_as_defined) {
    Random random(7);
    for (int round = 0; round < 60; ++round) {
        RandomMerges const definition(random);
        GeneralBpe const model = definition.model(round % 4 != 0);
        bool const marks_spaces = round % 2 == 0;
        auto const compiled = model.compile(marks_spaces);
        CHECK(compiled != nullptr);
        for (int n = 0; n < 60; ++n) {
            std::size_t const sizes[] = {1, 2, 3, 8, 30, 100, 400};
            std::string const given = text(random, sizes[below(random, 7)], 3 + below(random, 12));
            Ids ids = {99};
            if (!compiled->add_ids(given, ids)) {
                CHECK(ids == Ids{99});
                continue;
            }
            Ids want = by_definition(model, marks_spaces ? marked(given) : given);
            want.insert(want.begin(), 99);
            CHECK(ids == want);
        }
    }
}

TEST(character_bpe_does_not_compile_bytes_that_merge) {
    Random random(1);
    RandomMerges definition(random);
    definition.merges.emplace_back("a", "<0x0A>");
    definition.tokens.push_back("a<0x0A>");
    CHECK(definition.model(true).compile(true) == nullptr);
}

TEST(unit_runs_give_the_ids_of_the_stages) {
    Random random(11);
    for (int round = 0; round < 12; ++round) {
        auto const tokenizer = load_tokenizer(RandomMerges(random).json());
        auto const& pipeline = dynamic_cast<GeneralTokenizer const&>(*tokenizer).pipeline();
        std::vector<std::string> texts;
        for (std::size_t const size : {0, 1, 60, 130, 500, 3000}) {
            texts.push_back(text(random, size, 3 + below(random, 12)));
            texts.push_back(texts[below(random, texts.size())] + texts.back());
            texts.push_back(text(random, size, 2));
        }
        // Three times, so that runs are met, remembered and found.
        for (int n = 0; n < 3; ++n) {
            for (std::string const& each : texts) {
                TextRef const ref{each.data(), each.size(), TextKind::bytes};
                IdBuffer ids;
                tokenizer->encode(ref, {}, ids);
                auto const want =
                    pipeline.encode_text(each, 0, std::nullopt, stages::OffsetUnit::none, {}).ids;
                CHECK(Ids(ids.data(), ids.data() + ids.size()) == Ids(want.begin(), want.end()));
                CHECK_EQ(tokenizer->count(ref, {}), want.size());
            }
        }
    }
}
