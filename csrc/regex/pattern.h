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
    static Pattern literal(std::string text);
    // In the dialect of tokenizers (Oniguruma). Throws as regex::Matcher::compile does.
    static Pattern regex(std::string_view pattern);

    // Cuts the whole of `text` into matches (true) and what lies between them (false), in order, as
    // tokenizers' Pattern::find_matches does; a text without a match is one piece.
    std::vector<std::pair<Span, bool>> find_matches(std::string_view text) const;

 private:
    std::string literal_;
    std::shared_ptr<regex::Matcher const> matcher_;  // null: literal
};

}  // namespace tokmill::stages
