// Replace puts a string in the place of every match of a pattern.
#include <algorithm>
#include <bit>
#include <cstring>

#include "normalizers/ascii.h"
#include "normalizers/normalizers.h"

namespace tokmill::stages {

namespace {

// What stands for a space in many vocabularies.
constexpr std::string_view kMark = "\u2581";

constexpr std::size_t kBlockSize = 64;
constexpr std::size_t kSlack = 16;

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

std::size_t size_after(std::string_view text, std::vector<Span> const& matches,
                       std::string_view content) noexcept {
    std::size_t removed = 0;
    for (Span const match : matches) removed += match.size();
    return text.size() - removed + matches.size() * content.size();
}

// Copies a few bytes at a time; may write up to 15 bytes more.
char* copy_short(char const* from, std::size_t size, char* to) noexcept {
    for (std::size_t i = 0; i < size; i += 16) std::memcpy(to + i, from + i, 16);
    return to + size;
}

// For spaces, which are everywhere: without a list of the matches.
void replace_byte(std::string& text, char byte, std::string_view content) {
    auto const count = static_cast<std::size_t>(std::count(text.begin(), text.end(), byte));
    if (count == 0) return;
    std::string out(text.size() + count * content.size() - count, '\0');
    char* write = out.data();
    char const* const begin = text.data();
    std::size_t done = 0;
    std::size_t at = 0;
    // While what may be read and written too much is still inside.
    for (; at + kBlockSize + kSlack <= text.size(); at += kBlockSize) {
        std::uint64_t mask =
            simd::BaselineBlock::load(reinterpret_cast<unsigned char const*>(begin) + at)
                .equal(static_cast<unsigned char>(byte));
        for (; mask != 0; mask &= mask - 1) {
            std::size_t const found = at + static_cast<std::size_t>(std::countr_zero(mask));
            std::size_t const left = static_cast<std::size_t>(out.data() + out.size() - write);
            if (left < found - done + kSlack) break;
            write = copy_short(begin + done, found - done, write);
            write = std::copy(content.begin(), content.end(), write);
            done = found + 1;
        }
        if (mask != 0) break;
    }
    for (std::size_t found = text.find(byte, done); found != std::string::npos;
         found = text.find(byte, done)) {
        write = std::copy(begin + done, begin + found, write);
        write = std::copy(content.begin(), content.end(), write);
        done = found + 1;
    }
    std::copy(begin + done, begin + text.size(), write);
    text.swap(out);
}

}  // namespace

void replace(NormalizedString& text, Pattern const& pattern, std::string_view content) {
    std::vector<Span> matches;
    pattern.find_all(text.normalized(), matches);
    if (matches.empty()) return;
    std::string const& before = text.normalized();
    std::size_t const size = size_after(before, matches, content);
    std::string out(size, '\0');
    std::vector<Span> alignments(size);
    char* write = out.data();
    Span* align = alignments.data();
    Span const* const old = text.alignments().data();
    auto const copy = [&](std::size_t begin, std::size_t end) {
        write = std::copy(before.data() + begin, before.data() + end, write);
        align = std::copy(old + begin, old + end, align);
    };
    std::size_t done = 0;
    for (Span const match : matches) {
        copy(done, match.begin);
        write = std::copy(content.begin(), content.end(), write);
        align = std::fill_n(align, content.size(), match.end == 0 ? Span{} : old[match.end - 1]);
        done = match.end;
    }
    copy(done, before.size());
    text.splice({0, before.size()}, std::move(out), std::move(alignments));
}

void replace(std::string& text, Pattern const& pattern, std::string_view content) {
    if (pattern.literal_text().size() == 1) {
        return replace_byte(text, pattern.literal_text()[0], content);
    }
    std::vector<Span> matches;
    pattern.find_all(text, matches);
    if (matches.empty()) return;
    std::string out(size_after(text, matches, content), '\0');
    char* write = out.data();
    std::size_t done = 0;
    for (Span const match : matches) {
        write = std::copy(text.data() + done, text.data() + match.begin, write);
        write = std::copy(content.begin(), content.end(), write);
        done = match.end;
    }
    std::copy(text.data() + done, text.data() + text.size(), write);
    text.swap(out);
}

NormalizerPtr make_replace(Pattern pattern, std::string content) {
    return std::make_shared<Replace const>(std::move(pattern), std::move(content));
}

}  // namespace tokmill::stages
