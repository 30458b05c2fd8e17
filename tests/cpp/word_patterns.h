// The word patterns of published tokenizers.
#pragma once

#include "pretokenizers/word_pattern.h"

namespace tokmill::test {

inline WordPattern gpt2() {
    WordPattern pattern;
    pattern.contraction = WordPattern::Contraction::first_exact_case;
    pattern.number_takes_space = true;
    return pattern;
}

inline WordPattern llama3() {
    WordPattern pattern;
    pattern.contraction = WordPattern::Contraction::first_any_case;
    pattern.prefix = WordPattern::Prefix::any_but_newline;
    pattern.max_digits = 3;
    pattern.punctuation_takes_newlines = true;
    pattern.newlines = WordPattern::Newlines::greedy;
    return pattern;
}

inline WordPattern cl100k() {
    WordPattern pattern = llama3();
    pattern.newlines = WordPattern::Newlines::end_first;
    return pattern;
}

inline WordPattern qwen() {
    WordPattern pattern = llama3();
    pattern.letters = WordPattern::Letters::letters_and_marks;
    pattern.max_digits = 1;
    pattern.punctuation_excludes_marks = true;
    return pattern;
}

inline WordPattern o200k() {
    WordPattern pattern = llama3();
    pattern.contraction = WordPattern::Contraction::tail_any_case;
    pattern.letters = WordPattern::Letters::cased;
    pattern.punctuation_takes_slashes = true;
    return pattern;
}

}  // namespace tokmill::test
