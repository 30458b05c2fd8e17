// Runs of one byte, merged as a whole, against merging by the definition.
#include <string>
#include <vector>

#include "check.h"
#include "models/bpe.h"
#include "models/run_merge.h"
#include "random_vocabulary.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

// Merges of one letter only.
RandomVocabulary vocabulary_of_runs(Random& random) {
    for (;;) {
        RandomVocabulary made = random_vocabulary(random);
        if (made.units.size() == 1) return made;
    }
}

}  // namespace

TEST(run_merge_gives_what_merging_gives) {
    Random random(3);
    std::size_t merged = 0, refused = 0;
    for (int round = 0; round < 2000; ++round) {
        RandomVocabulary const vocabulary = vocabulary_of_runs(random);
        BpeTables const tables = compile_bpe(vocabulary.model, vocabulary_map(vocabulary.model));
        PairTable const listed = listed_pairs(vocabulary.model);
        for (int n = 0; n < 20; ++n) {
            std::string const text(2 + below(random, n == 0 ? 3000 : 200), 'a');
            for (PairTable const* pairs : {&tables.pairs, &listed}) {
                std::vector<Symbol> found;
                if (merge_run(*pairs, bytes_of(text), text.size(), found)) {
                    ++merged;
                    CHECK(found == merged_with_queue(*pairs, text));
                } else {
                    ++refused;
                    CHECK(found.empty());
                }
            }
        }
    }
    // The cases are what they are meant to be.
    CHECK(merged > 20'000);
    CHECK(refused > 1'000);
}

TEST(run_merge_takes_nothing_else) {
    PairTable const pairs(std::vector<PairTable::Entry>{{'a', 'a', 256}});
    for (std::string const& text : {std::string("a"), std::string("ab"), std::string("aaaaaab"),
                                    std::string("baaaaaa"), std::string("aaabaaa")}) {
        std::vector<Symbol> found;
        CHECK(!merge_run(pairs, bytes_of(text), text.size(), found));
        CHECK(found.empty());
    }
}

TEST(run_merge_of_a_long_run) {
    PairTable const pairs(std::vector<PairTable::Entry>{{'-', '-', 256}, {256, 256, 257}});
    std::string const text(10'000'003, '-');
    std::vector<Symbol> found;
    CHECK(merge_run(pairs, bytes_of(text), text.size(), found));
    CHECK_EQ(found.size(), std::size_t{2'500'002});
    CHECK(found.front() == (Symbol{257, 4}));
    CHECK(found[2'500'000] == (Symbol{256, 2}));
    CHECK(found.back() == (Symbol{'-', 1}));
}
