// Runs a fuzz target without libFuzzer: mutates the seeds of the target, and files given to it, a
// given number of times. The same arguments always make the same inputs.
//
// usage: fuzz_<target> [--rounds N] [--seed N] [--prefix TEXT] [FILE...]
//
// --prefix is put before the contents of the files, for targets that expect a selector there.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"

namespace {

using Random = std::mt19937_64;

constexpr std::string_view kFragments[] = {
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "4294967295",
    "4294967296",
    "16777215",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\u0000",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "[[[[",
    "{\"a\":",
    "\xFF",
    "\xC3",
    "\xED\xA0\x80",
    " ",
    "\n",
    "\"\"",
    "[]",
    "{}",
    "\"type\"",
    "\"BPE\"",
    "=",
    "==",
    "AAAA",
    "\x80\x80\x80",
};

std::size_t below(Random& random, std::size_t limit) {
    return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit);
}

void mutate_once(std::string& input, std::vector<std::string> const& seeds, Random& random) {
    std::size_t const at = below(random, input.size() + 1);
    std::size_t const length = 1 + below(random, std::size_t{1} << below(random, 10));
    switch (random() % 8) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random() % 8));
            break;
        case 1:
            if (at < input.size()) input[at] = static_cast<char>(random());
            break;
        case 2:
            input.erase(at, length);
            break;
        case 3:
            input.insert(at, input.substr(below(random, input.size() + 1), length));
            break;
        case 4:
            input.insert(at, kFragments[below(random, std::size(kFragments))]);
            break;
        case 5: {
            std::string_view const fragment = kFragments[below(random, std::size(kFragments))];
            input.replace(at, std::min(fragment.size(), input.size() - at), fragment);
            break;
        }
        case 6: {
            std::string const& other = seeds[below(random, seeds.size())];
            input.replace(at, length, other.substr(below(random, other.size() + 1), length));
            break;
        }
        default:
            // Cutting is rare: it would end most other mutations.
            if (random() % 8 == 0) input.resize(at);
    }
}

std::string read_file(char const* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::cerr << path << ": cannot be read\n";
        std::exit(1);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

void run(std::string const& input) {
    // A block of exactly that size lets the address sanitizer see every byte read too many.
    std::vector<std::uint8_t> const block(input.begin(), input.end());
    LLVMFuzzerTestOneInput(block.data(), block.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t rounds = 20000;
    std::uint64_t seed = 1;
    std::string prefix;
    std::vector<std::string> seeds = fuzz_seeds();
    bool has_files = false;
    for (int i = 1; i < argc; ++i) {
        std::string_view const argument = argv[i];
        bool const has_value = i + 1 < argc;
        if (argument == "--rounds" && has_value) {
            rounds = std::strtoull(argv[++i], nullptr, 10);
        } else if (argument == "--seed" && has_value) {
            seed = std::strtoull(argv[++i], nullptr, 10);
        } else if (argument == "--prefix" && has_value) {
            prefix = argv[++i];
        } else {
            if (!has_files) seeds.clear();
            has_files = true;
            seeds.push_back(prefix + read_file(argv[i]));
        }
    }
    for (std::string const& input : seeds) run(input);
    Random random(seed);
    for (std::uint64_t round = 0; round < rounds; ++round) {
        std::string input = seeds[below(random, seeds.size())];
        for (std::size_t n = 1 + below(random, 6); n > 0; --n) mutate_once(input, seeds, random);
        run(input);
    }
    std::cout << seeds.size() << " seeds and " << rounds << " mutations: no broken promise\n";
}
