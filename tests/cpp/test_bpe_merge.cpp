// Merging without a queue, for short words with the kernel of every instruction set, against
// merging with one.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check.h"
#include "random_vocabulary.h"
#include "simd/bpe_merge.h"
#include "simd/isa.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

struct Merged {
    std::vector<Symbol> symbols;
    std::uint32_t last_priority = 0;

    bool operator==(Merged const&) const = default;
};

Merged merge_with_queue(PairTable const& pairs, std::string_view text) {
    Merged merged;
    BpeMerger(pairs).merge_with_queue(bytes_of(text), text.size(), merged.symbols,
                                      &merged.last_priority);
    return merged;
}

// `padding` is what stands behind the word.
Merged merge_with_kernel(simd::Isa isa, PairTable const& pairs, std::string_view text,
                         unsigned char padding) {
    std::vector<unsigned char> readable(simd::kMaxShortMerge, padding);
    std::copy(text.begin(), text.end(), readable.begin());
    simd::ShortMerge result;
    simd::short_merger(isa)(pairs, readable.data(), text.size(), result);
    CHECK_EQ(result.starts & 1, 1u);
    CHECK_EQ(result.starts >> text.size(), 0u);
    Merged merged{{}, result.last_priority};
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        if (result.starts >> i & 1) merged.symbols.push_back({result.symbols[i], 0});
        ++merged.symbols.back().size;
    }
    return merged;
}

void check_all(PairTable const& pairs, std::string_view text) {
    Merged const wanted = merge_with_queue(pairs, text);
    for (simd::Isa const isa : simd::available_isas()) {
        // Bytes behind the word must not matter, even those that would merge with it.
        for (unsigned const padding : {0x00u, 0xFFu, static_cast<unsigned>(bytes_of(text)[0])}) {
            if (merge_with_kernel(isa, pairs, text, static_cast<unsigned char>(padding)) ==
                wanted) {
                continue;
            }
            CHECK_EQ(std::string(simd::isa_name(isa)) + " merges otherwise: " + quote(text), "");
        }
    }
}

}  // namespace

TEST(bpe_merge_kernels_on_random_merges) {
    Random random(11);
    for (int round = 0; round < 400; ++round) {
        RandomVocabulary const vocabulary = random_vocabulary(random);
        PairTable const listed = listed_pairs(vocabulary.model);
        BpeTables const tables = compile_bpe(vocabulary.model, vocabulary_map(vocabulary.model));
        for (std::size_t size = 1; size <= simd::kMaxShortMerge; ++size) {
            for (int n = 0; n < 3; ++n) {
                std::string const text = random_text(random, vocabulary, size);
                check_all(listed, text);
                check_all(tables.pairs, text);
            }
        }
    }
}

// Pairs that need not come from any vocabulary: equal priorities, the largest numbers there are.
TEST(bpe_merge_kernels_on_random_pairs) {
    Random random(12);
    for (int round = 0; round < 400; ++round) {
        std::uint32_t const first = below(random, 2) == 0 ? 256 : kMaxSymbols - 64;
        std::uint32_t const priorities = round % 20 == 0 ? 1u << 22 : 32;
        std::uint32_t const letters = 1 + static_cast<std::uint32_t>(below(random, 3));
        auto const symbol = [&] {
            return below(random, 2) == 0 ? static_cast<std::uint32_t>(below(random, letters))
                                         : first + static_cast<std::uint32_t>(below(random, 32));
        };
        std::vector<std::uint32_t> symbol_of(priorities);
        std::vector<PairTable::Entry> entries;
        for (std::size_t n = below(random, 400); n-- > 0;) {
            std::uint32_t priority = static_cast<std::uint32_t>(below(random, 32));
            if (below(random, 2) == 0) priority = priorities - 2 - priority / 2;
            symbol_of[priority] = first + static_cast<std::uint32_t>(below(random, 32));
            entries.push_back({symbol(), symbol(), priority});
        }
        PairTable const pairs(entries, std::move(symbol_of));
        for (std::size_t size = 1; size <= simd::kMaxShortMerge; ++size) {
            std::string text(size, '\0');
            for (char& byte : text) byte = static_cast<char>(below(random, letters));
            check_all(pairs, text);
        }
    }
}

// In each other's company as alone.
TEST(bpe_merge_kernels_on_many_words) {
    Random random(15);
    for (int round = 0; round < 200; ++round) {
        RandomVocabulary const vocabulary = random_vocabulary(random);
        PairTable const pairs = listed_pairs(vocabulary.model);
        std::vector<simd::ShortWord> words(below(random, 20));
        for (simd::ShortWord& word : words) {
            word.size = static_cast<std::uint32_t>(1 + below(random, simd::kMaxShortMerge));
            std::string const text = random_text(random, vocabulary, simd::kMaxShortMerge);
            std::copy(text.begin(), text.end(), word.text);
        }
        for (simd::Isa const isa : simd::available_isas()) {
            std::vector<simd::ShortMerge> results(words.size());
            simd::word_merger(isa)(pairs, words.data(), words.size(), results.data());
            for (std::size_t i = 0; i < words.size(); ++i) {
                simd::ShortMerge alone;
                simd::short_merger(isa)(pairs, words[i].text, words[i].size, alone);
                CHECK_EQ(results[i].starts, alone.starts);
                CHECK_EQ(results[i].last_priority, alone.last_priority);
                for (std::size_t k = 0; k < words[i].size; ++k) {
                    if (alone.starts >> k & 1) CHECK_EQ(results[i].symbols[k], alone.symbols[k]);
                }
            }
        }
    }
}

TEST(bpe_merger_merges_short_words) {
    Random random(13);
    RandomVocabulary const vocabulary = random_vocabulary(random);
    PairTable const listed = listed_pairs(vocabulary.model);
    for (std::size_t size = 1; size <= simd::kMaxShortMerge; ++size) {
        std::string const text = random_text(random, vocabulary, size);
        std::string const readable = text + std::string(simd::kMaxShortMerge - size, 'a');
        Symbol symbols[simd::kMaxShortMerge];
        Merged merged;
        std::size_t const count =
            BpeMerger(listed).merge_short(bytes_of(readable), size, symbols, &merged.last_priority);
        merged.symbols.assign(symbols, symbols + count);
        CHECK(merged == merge_with_queue(listed, text));
    }
}

TEST(bpe_merger_merges_words_of_any_size) {
    Random random(14);
    for (int round = 0; round < 40; ++round) {
        RandomVocabulary const vocabulary = random_vocabulary(random);
        PairTable const listed = listed_pairs(vocabulary.model);
        for (std::size_t size = 1; size <= 140; ++size) {
            std::string const text = random_text(random, vocabulary, size);
            // In its own memory, so that a read behind the end is noticed.
            std::vector<unsigned char> const exact(text.begin(), text.end());
            Merged merged;
            BpeMerger(listed).merge(exact.data(), size, merged.symbols, &merged.last_priority);
            CHECK(merged == merge_with_queue(listed, text));
        }
    }
}
