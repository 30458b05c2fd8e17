// The cutting stages of tokenizers' pipeline. Every function makes one; what it does with a text
// and its options is tokenizers' component of the same name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/definition.h"
#include "pretokenizers/pre_tokenizer.h"

namespace tokmill::stages {

// Where Metaspace puts its character before a piece that lacks it: before every one, or before
// those that begin with the original.
enum class PrependScheme : std::uint8_t { first, never, always };

struct MetaspaceOptions {
    char32_t replacement = U'\u2581';
    PrependScheme prepend_scheme = PrependScheme::always;
    bool split = true;
};

namespace pre_tokenizers {

PreTokenizerPtr byte_level(bool add_prefix_space, bool use_regex);
PreTokenizerPtr metaspace(MetaspaceOptions const& options);
PreTokenizerPtr sequence(std::vector<PreTokenizerPtr> stages);

// Throws what regex::Matcher::compile throws.
PreTokenizerPtr split(std::string pattern, bool pattern_is_regex, SplitBehavior behavior,
                      bool invert);
PreTokenizerPtr whitespace();
PreTokenizerPtr whitespace_split();
PreTokenizerPtr bert();
PreTokenizerPtr punctuation(SplitBehavior behavior);
PreTokenizerPtr digits(bool individual_digits);
PreTokenizerPtr char_delimiter_split(char32_t delimiter);
PreTokenizerPtr unicode_scripts();
// `length` in characters. Throws Error(invalid_tokenizer) if it is 0, which is no length to cut at.
PreTokenizerPtr fixed_length(std::size_t length);

}  // namespace pre_tokenizers
}  // namespace tokmill::stages
