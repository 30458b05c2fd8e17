// Split, Digits and CharDelimiterSplit, for which the engine for byte-level tokenizers has exact
// and fast splitters.
#include <memory>
#include <string>
#include <utility>

#include "core/utf8_encode.h"
#include "pretokenizers/splitter.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

class SplitterCutter final : public Cutter {
 public:
    explicit SplitterCutter(tokmill::PreTokenizer const& step)
        : step_(step), splitter_(make_splitter(step, regex::Dialect::onig)) {}

    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        splitter_->split(text, pieces);
    }

    std::optional<std::vector<tokmill::PreTokenizer>> byte_level_steps() const override {
        return std::vector{step_};
    }
    InParts in_parts() const noexcept override {
        return step_.kind == PreTokenizerKind::digits ? InParts::yes : InParts::no;
    }
    std::optional<WholeText> whole_text() const override {
        bool const cuts_only_at_spaces = step_.kind == PreTokenizerKind::split &&
                                         !step_.pattern_is_regex && step_.pattern == " " &&
                                         !step_.invert;
        if (!cuts_only_at_spaces) return std::nullopt;
        WholeText whole;
        whole.only_without_spaces = true;
        return whole;
    }

 private:
    tokmill::PreTokenizer step_;
    std::unique_ptr<Splitter const> splitter_;
};

}  // namespace

PreTokenizerPtr pre_tokenizers::split(std::string pattern, bool pattern_is_regex,
                                      SplitBehavior behavior, bool invert) {
    tokmill::PreTokenizer step;
    step.kind = PreTokenizerKind::split;
    // tokenizers makes an expression of a string, and an empty one matches everywhere.
    step.pattern_is_regex = pattern_is_regex || pattern.empty();
    step.pattern = std::move(pattern);
    step.behavior = behavior;
    step.invert = invert;
    return std::make_shared<SplitterCutter>(step);
}

PreTokenizerPtr pre_tokenizers::digits(bool individual_digits) {
    tokmill::PreTokenizer step;
    step.kind = PreTokenizerKind::digits;
    step.individual_digits = individual_digits;
    return std::make_shared<SplitterCutter>(step);
}

PreTokenizerPtr pre_tokenizers::char_delimiter_split(char32_t delimiter) {
    std::string pattern;
    append_utf8(delimiter, pattern);
    return split(std::move(pattern), false, SplitBehavior::removed, false);
}

}  // namespace tokmill::stages
