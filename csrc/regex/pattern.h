// What Split and Replace look for: a literal string or a regular expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"
#include "regex/matcher.h"

namespace tokmill::stages {

class Pattern {
 public:
    // Matches exactly the characters of `text`; between any two characters, if it is empty.
    static Pattern literal(std::string text);
    // In the dialect of tokenizers (Oniguruma). Throws as regex::Matcher::compile does.
    static Pattern regex(std::string_view pattern);

    // Appends the successive non-overlapping matches; there are none in an empty text.
    void find_all(std::string_view text, std::vector<Span>& matches) const;

    // Cuts the whole of `text` into matches (true) and what lies between them (false), in order, as
    // tokenizers' Pattern::find_matches does; a text without a match is one piece.
    std::vector<std::pair<Span, bool>> find_matches(std::string_view text) const;

    // Whether a match can be empty.
    bool nullable() const noexcept { return nullable_; }

    // The literal string; empty for a regular expression.
    std::string const& literal_text() const noexcept { return literal_; }
    // The regular expression; empty for a literal string.
    std::string const& expression() const noexcept { return expression_; }

 private:
    std::string literal_;
    std::string expression_;
    bool nullable_ = false;
    std::shared_ptr<regex::Matcher const> matcher_;  // null: literal
};

}  // namespace tokmill::stages
