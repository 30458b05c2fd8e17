// Whitespace and WhitespaceSplit: what lies between white space, with and without a cut between
// words and the rest.
#include <memory>

#include "pretokenizers/class_cutter.h"
#include "pretokenizers/stages.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

// The matches of \w+|[^\w\s]+ of the Rust regex crate.
struct WordsAndOthers {
    CharacterPart operator()(std::uint32_t c) const noexcept {
        if (unicode::is_rust_word(c)) return CharacterPart::word;
        return unicode::is_white_space(c) ? CharacterPart::gap : CharacterPart::other;
    }
};

struct AllButWhitespace {
    CharacterPart operator()(std::uint32_t c) const noexcept {
        return unicode::is_white_space(c) ? CharacterPart::gap : CharacterPart::word;
    }
};

}  // namespace

PreTokenizerPtr pre_tokenizers::whitespace() {
    return std::make_shared<ClassCutter<WordsAndOthers>>();
}

PreTokenizerPtr pre_tokenizers::whitespace_split() {
    return std::make_shared<ClassCutter<AllButWhitespace>>();
}

}  // namespace tokmill::stages
