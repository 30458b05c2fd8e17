// Replace puts a string in the place of every match of a pattern.
#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

// What stands for a space in many vocabularies.
constexpr std::string_view kMark = "\u2581";

class Replace final : public Normalizer {
 public:
    Replace(Pattern pattern, std::string content)
        : pattern_(std::move(pattern)), content_(std::move(content)) {}

    void normalize(NormalizedString& text) const override { replace(text, pattern_, content_); }
    void normalize(std::string& text) const override { replace(text, pattern_, content_); }

    bool may_insert_before() const noexcept override {
        return pattern_.nullable() && !content_.empty();
    }

    bool works_in_parts() const noexcept override {
        bool const is_space = content_ == " " || content_ == kMark;
        // Runs of spaces, which no part ends with.
        for (char const* const run : {" {2,}", " +", "\\s+", "\\s{2,}"}) {
            if (pattern_.expression() == run) return is_space;
        }
        std::string const& literal = pattern_.literal_text();
        if (literal == " ") return is_space;
        // What comes out must not look like a space at its end.
        return !literal.empty() && literal.find_first_of(" \t\r\n") == std::string::npos &&
               literal.find(kMark) == std::string::npos && !content_.empty() &&
               trailing_white_space(content_) == 0 && !content_.ends_with(kMark);
    }
    std::optional<OnlySpaces> only_spaces() const override {
        if (pattern_.literal_text() != " " || content_ != kMark) return std::nullopt;
        return OnlySpaces{"", true};
    }

 private:
    Pattern pattern_;
    std::string content_;
};

}  // namespace

void replace(NormalizedString& text, Pattern const& pattern, std::string_view content) {
    std::vector<Span> matches;
    pattern.find_all(text.normalized(), matches);
    if (matches.empty()) return;
    std::vector<Span> const& old = text.alignments();
    std::string out;
    std::vector<Span> alignments;
    out.reserve(text.normalized().size());
    alignments.reserve(old.size());
    auto const copy = [&](std::size_t begin, std::size_t end) {
        out.append(text.normalized(), begin, end - begin);
        alignments.insert(alignments.end(), old.begin() + static_cast<std::ptrdiff_t>(begin),
                          old.begin() + static_cast<std::ptrdiff_t>(end));
    };
    std::size_t done = 0;
    for (Span const match : matches) {
        copy(done, match.begin);
        out.append(content);
        alignments.insert(alignments.end(), content.size(),
                          match.end == 0 ? Span{} : old[match.end - 1]);
        done = match.end;
    }
    copy(done, old.size());
    text.splice({0, text.normalized().size()}, std::move(out), std::move(alignments));
}

void replace(std::string& text, Pattern const& pattern, std::string_view content) {
    std::vector<Span> matches;
    pattern.find_all(text, matches);
    if (matches.empty()) return;
    std::size_t removed = 0;
    for (Span const match : matches) removed += match.size();
    std::string out;
    out.reserve(text.size() - removed + matches.size() * content.size());
    std::size_t done = 0;
    for (Span const match : matches) {
        out.append(text, done, match.begin - done);
        out.append(content);
        done = match.end;
    }
    out.append(text, done, std::string::npos);
    text.swap(out);
}

NormalizerPtr make_replace(Pattern pattern, std::string content) {
    return std::make_shared<Replace const>(std::move(pattern), std::move(content));
}

}  // namespace tokmill::stages
