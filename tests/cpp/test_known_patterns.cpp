// What word_pattern.cpp lists as known must be what its proofs find.
#include <string>
#include <vector>

#include "check.h"
#include "formats/known_encodings.h"
#include "pretokenizers/word_pattern.h"

using namespace tokmill;

namespace {

std::vector<std::string> common_patterns() {
    std::vector<std::string> patterns;
    for (char const* name : {"gpt2", "cl100k_base", "o200k_base", "llama3", "llama4", "qwen",
                             "whisper_multilingual"}) {
        patterns.push_back(find_known_encoding(name)->pattern);
    }
    // Tekken's.
    patterns.push_back(
        R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
        R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
        R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)");
    return patterns;
}

}  // namespace

TEST(known_patterns_are_proved) {
    for (std::string const& pattern : common_patterns()) {
        for (auto const dialect : {regex::Dialect::onig, regex::Dialect::fancy}) {
            auto const recognized = recognize_word_pattern(pattern, dialect);
            CHECK(recognized == prove_word_pattern(pattern, dialect));
            CHECK(recognized || dialect == regex::Dialect::onig);
        }
    }
}
