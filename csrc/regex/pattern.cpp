// Searching for a literal string, or handing the search to the general matcher.
#include "regex/pattern.h"

#include <cstring>

#include "regex/parser.h"

namespace tokmill::stages {

namespace {

// The first occurrence of `needle` (not empty) at or behind `from`; npos if there is none.
std::size_t find_literal(std::string_view text, std::string_view needle, std::size_t from) {
#if defined(__GLIBC__) || defined(__APPLE__)
    // In time linear in the text, whatever the needle.
    void const* const found =
        memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<char const*>(found) - text.data());
#else
    return text.find(needle, from);
#endif
}

}  // namespace

Pattern Pattern::literal(std::string text) {
    if (text.empty()) return regex({});
    Pattern pattern;
    pattern.literal_ = std::move(text);
    return pattern;
}

Pattern Pattern::regex(std::string_view text) {
    Pattern pattern;
    pattern.matcher_ = regex::Matcher::compile(text, regex::Dialect::onig);
    pattern.expression_ = text;
    pattern.nullable_ = regex::parse(text, regex::Dialect::onig)->nullable;
    return pattern;
}

void Pattern::find_all(std::string_view text, std::vector<Span>& matches) const {
    if (text.empty()) return;
    if (matcher_ != nullptr) return matcher_->find_all(text, matches);
    for (std::size_t at = find_literal(text, literal_, 0); at != std::string_view::npos;) {
        std::size_t const end = at + literal_.size();
        matches.push_back({at, end});
        at = find_literal(text, literal_, end);
    }
}

std::vector<std::pair<Span, bool>> Pattern::find_matches(std::string_view text) const {
    std::vector<Span> matches;
    find_all(text, matches);
    std::vector<std::pair<Span, bool>> cuts;
    cuts.reserve(2 * matches.size() + 1);
    std::size_t covered = 0;
    for (Span const match : matches) {
        if (match.begin != covered) cuts.push_back({{covered, match.begin}, false});
        cuts.push_back({match, true});
        covered = match.end;
    }
    if (covered != text.size() || text.empty()) cuts.push_back({{covered, text.size()}, false});
    return cuts;
}

}  // namespace tokmill::stages
