// One tokenizer used by several threads at once. What the threads share and make on the way (tables
// for long words, states, the name map, the digest) is what ThreadSanitizer is to look at here.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "random_vocabulary.h"
#include "snapshot_support.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

constexpr std::size_t kThreads = 4;

// All of them begin at the same time, as far as that can be had.
void run_threads(std::function<void(std::size_t)> const& body) {
    std::atomic<std::size_t> waiting{kThreads};
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < kThreads; ++n) {
        threads.emplace_back([&, n] {
            --waiting;
            while (waiting.load() != 0) std::this_thread::yield();
            body(n);
        });
    }
    for (std::thread& thread : threads) thread.join();
}

std::vector<std::uint32_t> ids_of(Tokenizer const& tokenizer, std::string const& text) {
    IdBuffer ids;
    tokenizer.encode({text.data(), text.size(), TextKind::bytes}, {}, ids);
    return {ids.begin(), ids.end()};
}

// A megabyte in all, most of it in words of more than sixteen bytes, no two of them equal: so much
// that the tables for long words are made while all threads encode.
std::vector<std::string> texts_with_long_words() {
    Random random(41);
    std::vector<std::string> texts;
    for (int n = 0; n < 64; ++n) {
        std::string text = "<|end|>abc";
        while (text.size() < 16'000) {
            text += ' ';
            for (std::size_t size = 1 + below(random, 400); size > 0; --size) {
                text += static_cast<char>('a' + below(random, 3));
            }
        }
        texts.push_back(text);
    }
    return texts;
}

}  // namespace

TEST(threads_make_the_tables_for_long_words) {
    Random random(42);
    RandomVocabulary vocabulary = random_vocabulary(random);
    while (vocabulary.tokens.size() < 280) vocabulary = random_vocabulary(random);
    BpeTables const tables = compile_bpe(vocabulary.model, vocabulary_map(vocabulary.model));
    std::vector<std::string> texts;
    std::vector<std::vector<Symbol>> wanted;
    for (int n = 0; n < 8; ++n) {
        texts.push_back(random_text(random, vocabulary, 20'000));
        wanted.push_back(merged_with_queue(tables.pairs, texts.back()));
    }
    for (int round = 0; round < 4; ++round) {
        LazyBacktrack const lazy(tables.pairs, tables.external.size(), nullptr);
        BacktrackTables const* made[kThreads];
        std::atomic<std::size_t> wrong{0};
        run_threads([&](std::size_t thread) {
            if (round % 2 == 1) made[thread] = &lazy.get();
            for (std::size_t n = 0; n < 2 * texts.size(); ++n) {
                std::size_t const i = (n + thread) % texts.size();
                std::vector<Symbol> symbols;
                lazy.encode(bytes_of(texts[i]), texts[i].size(), symbols);
                wrong += symbols != wanted[i];
            }
            made[thread] = &lazy.get();
        });
        CHECK_EQ(wrong.load(), 0u);
        CHECK_EQ(std::set<BacktrackTables const*>(made, made + kThreads).size(), 1u);
    }
}

TEST(threads_encode_with_one_tokenizer) {
    std::vector<std::string> const texts = texts_with_long_words();
    auto const compiled = Tokenizer::compile(small_rank_definition());
    std::vector<std::vector<std::uint32_t>> wanted;
    for (std::string const& text : texts) wanted.push_back(ids_of(*compiled, text));
    std::string const digest = compiled->digest();
    for (std::string const& snapshot : {compiled->compact_snapshot(), compiled->snapshot()}) {
        auto const tokenizer = open_copy(snapshot);
        std::atomic<std::size_t> wrong{0};
        run_threads([&](std::size_t thread) {
            for (std::size_t n = 0; n < texts.size(); ++n) {
                std::size_t const i = (n * 5 + thread * 16) % texts.size();
                std::string const& text = texts[i];
                TextRef const ref{text.data(), text.size(), TextKind::bytes};
                wrong += ids_of(*tokenizer, text) != wanted[i];
                if (n % 4 == thread) wrong += tokenizer->count(ref, {}) != wanted[i].size();
                if (n % 16 == thread) {
                    IdBuffer ids;
                    std::vector<std::int64_t> spans;
                    tokenizer->encode_with_offsets(ref, {}, OffsetUnit::byte, ids, spans);
                    wrong += spans.size() != 2 * wanted[i].size();
                    wrong += tokenizer->fits(ref, wanted[i].size() - 1, {});
                }
            }
            wrong += tokenizer->digest() != digest;
            wrong += tokenizer->find_token("abc") != compiled->find_token("abc");
            wrong += !(definition_of(*tokenizer) == definition_of(*compiled));
            wrong += tokenizer->snapshot().empty();
        });
        CHECK_EQ(wrong.load(), 0u);
    }
}

// Batches on several threads each, from several threads.
TEST(threads_encode_batches) {
    std::vector<std::string> const texts = texts_with_long_words();
    std::vector<TextRef> refs;
    for (std::string const& text : texts) {
        refs.push_back({text.data(), text.size(), TextKind::bytes});
    }
    auto const compiled = Tokenizer::compile(small_rank_definition());
    BatchIds const wanted = compiled->encode_batch(refs, {}, 1);
    auto const tokenizer = open_copy(compiled->compact_snapshot());
    std::atomic<std::size_t> wrong{0};
    run_threads([&](std::size_t thread) {
        BatchIds const batch = tokenizer->encode_batch(refs, {}, 1 + thread % 3);
        wrong += batch.offsets != wanted.offsets;
        wrong +=
            !std::equal(batch.ids.begin(), batch.ids.end(), wanted.ids.begin(), wanted.ids.end());
        std::vector<std::int64_t> const counts = tokenizer->count_batch(refs, {}, 2);
        for (std::size_t row = 0; row < refs.size(); ++row) {
            wrong += counts[row] != wanted.offsets[row + 1] - wanted.offsets[row];
        }
    });
    CHECK_EQ(wrong.load(), 0u);
}
