// Whitespace and WhitespaceSplit: what lies between white space, with and without a cut between
// words and the rest.
#include <memory>

#include "pretokenizers/character_runs.h"
#include "pretokenizers/stages.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

// The matches of \w+|[^\w\s]+ of the Rust regex crate.
class Whitespace final : public Cutter {
 public:
    InParts in_parts() const noexcept override { return InParts::at_whitespace; }
    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        cut_by_class(
            text,
            [](std::uint32_t c) {
                if (unicode::is_rust_word(c)) return CharacterPart::word;
                return unicode::is_white_space(c) ? CharacterPart::gap : CharacterPart::other;
            },
            pieces);
    }
};

class WhitespaceSplit final : public Cutter {
 public:
    InParts in_parts() const noexcept override { return InParts::at_whitespace; }
    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        cut_by_class(
            text,
            [](std::uint32_t c) {
                return unicode::is_white_space(c) ? CharacterPart::gap : CharacterPart::word;
            },
            pieces);
    }
};

}  // namespace

PreTokenizerPtr pre_tokenizers::whitespace() {
    return std::make_shared<Whitespace>();
}

PreTokenizerPtr pre_tokenizers::whitespace_split() {
    return std::make_shared<WhitespaceSplit>();
}

}  // namespace tokmill::stages
