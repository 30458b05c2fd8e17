// The one shape that nearly all split patterns in the wild share, with its variations as options:
// (contraction) | prefix? letters (contraction?) | numbers | space? punctuation trailing* |
// newline rule | white-space rules. A pattern that has this shape runs on the vector scanners in
// simd/; recognition is by the structure of the parsed expression, never by a model's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regex/dialect.h"

namespace tokmill {

struct WordPattern {
    // The first alternative "'s|'t|'re|'ve|'m|'ll|'d" (GPT-2, cl100k), the optional tail of a word
    // (o200k), or none.
    enum class Contraction : std::uint8_t { none, first_exact_case, first_any_case, tail_any_case };
    // What one optional character may stand before the letters: a space (GPT-2), or anything but
    // \r \n letters and numbers (cl100k and later).
    enum class Prefix : std::uint8_t { space, any_but_newline };
    // What counts as a letter, and whether case ends a word.
    enum class Letters : std::uint8_t {
        letters,            // \p{L}+
        letters_and_marks,  // [\p{L}\p{M}]+
        cased,              // o200k: [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ ...
    };
    enum class Newlines : std::uint8_t {
        none,       // GPT-2: newlines are ordinary white space
        greedy,     // \s*[\r\n]+ before the white-space rules
        end_first,  // \s++$ stands before \s*[\r\n] (tiktoken's cl100k): white space that reaches
                    // the end of the text stays in one piece even if it holds newlines
    };

    Contraction contraction = Contraction::none;
    Prefix prefix = Prefix::space;
    Letters letters = Letters::letters;
    bool number_takes_space = false;          // " ?\p{N}+" (GPT-2)
    std::uint8_t max_digits = 0;              // \p{N}{1,k}; 0 = without limit
    bool punctuation_takes_newlines = false;  // ...+[\r\n]*
    bool punctuation_takes_slashes = false;   // ...+[\r\n/]*
    bool punctuation_excludes_marks = false;  // [^\s\p{L}\p{M}\p{N}]+ (with letters_and_marks)
    Newlines newlines = Newlines::none;

    bool operator==(WordPattern const&) const = default;
};

// The options if `pattern` means exactly what some WordPattern means for every text; otherwise
// nothing. Possessive and greedy spellings, alternatives in another order that cannot matter,
// groups and escapes are seen through. Never throws for a pattern that regex::Matcher::compile
// accepts.
std::optional<WordPattern> recognize_word_pattern(std::string_view pattern, regex::Dialect dialect);

// The same without the list of spellings whose proof is known.
std::optional<WordPattern> prove_word_pattern(std::string_view pattern, regex::Dialect dialect);

// A regular expression that means what `options` mean; the same in both dialects.
std::string canonical_pattern(WordPattern const& options);

}  // namespace tokmill
