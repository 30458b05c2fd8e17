// Punctuation and BertPreTokenizer.
#include <memory>

#include "pretokenizers/character_runs.h"
#include "pretokenizers/class_cutter.h"
#include "pretokenizers/punctuation.h"
#include "pretokenizers/split_behavior.h"
#include "pretokenizers/stages.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

class Punctuation final : public Cutter {
 public:
    explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}

    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        std::vector<Span> const found =
            apply_behavior(match_characters(text, is_punctuation), behavior_);
        pieces.insert(pieces.end(), found.begin(), found.end());
    }

    // MergedWithNext puts punctuation to the white space behind it.
    InParts in_parts() const noexcept override {
        return behavior_ == SplitBehavior::merged_with_next ? InParts::no : InParts::yes;
    }

 private:
    SplitBehavior behavior_;
};

// White space left out, punctuation alone.
struct BertParts {
    CharacterPart operator()(std::uint32_t c) const noexcept {
        if (unicode::is_white_space(c)) return CharacterPart::gap;
        return is_punctuation(c) ? CharacterPart::alone : CharacterPart::word;
    }
};

}  // namespace

PreTokenizerPtr pre_tokenizers::punctuation(SplitBehavior behavior) {
    return std::make_shared<Punctuation>(behavior);
}

PreTokenizerPtr pre_tokenizers::bert() {
    return std::make_shared<ClassCutter<BertParts>>();
}

}  // namespace tokmill::stages
