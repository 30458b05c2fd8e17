#include "pretokenizers/splitter.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "regex/matcher.h"
#include "simd/isa.h"
#include "simd/word_scanner.h"
#include "unicode/properties.h"

namespace tokmill {
namespace {

// The pattern that tokenizers' ByteLevel applies when use_regex is set (GPT-2's).
constexpr std::string_view kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// A text divided without gaps into matches and what lies between them, as tokenizers' Pattern
// yields it.
struct Part {
    Span span;
    bool is_match;
};

std::vector<Part> parts_of(std::string_view text, std::vector<Span> const& matches, bool invert) {
    std::vector<Part> parts;
    std::size_t at = 0;
    for (Span const& match : matches) {
        if (match.begin != at) parts.push_back({{at, match.begin}, invert});
        parts.push_back({match, !invert});
        at = match.end;
    }
    if (at != text.size()) parts.push_back({{at, text.size()}, invert});
    return parts;
}

// Joins a match to the part before it unless that part ends with a match already.
std::vector<Span> merge_with_previous(std::vector<Part> const& parts) {
    std::vector<Span> pieces;
    bool after_match = false;
    for (Part const& part : parts) {
        if (part.is_match && !after_match && !pieces.empty()) {
            pieces.back().end = part.span.end;
        } else {
            pieces.push_back(part.span);
        }
        after_match = part.is_match;
    }
    return pieces;
}

std::vector<Span> merge_with_next(std::vector<Part> const& parts) {
    std::vector<Span> pieces;
    bool before_match = false;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (part->is_match && !before_match && !pieces.empty()) {
            pieces.back().begin = part->span.begin;
        } else {
            pieces.push_back(part->span);
        }
        before_match = part->is_match;
    }
    std::reverse(pieces.begin(), pieces.end());
    return pieces;
}

std::vector<Span> merge_alike(std::vector<Part> const& parts) {
    std::vector<Span> pieces;
    bool previous = false;
    for (Part const& part : parts) {
        if (!pieces.empty() && part.is_match == previous) {
            pieces.back().end = part.span.end;
        } else {
            pieces.push_back(part.span);
        }
        previous = part.is_match;
    }
    return pieces;
}

void apply_behavior(std::string_view text, std::vector<Span> const& matches, SplitBehavior behavior,
                    bool invert, std::vector<Span>& pieces) {
    std::vector<Part> const parts = parts_of(text, matches, invert);
    std::vector<Span> found;
    switch (behavior) {
        case SplitBehavior::removed:
            for (Part const& part : parts) {
                if (!part.is_match) found.push_back(part.span);
            }
            break;
        case SplitBehavior::isolated:
            for (Part const& part : parts) found.push_back(part.span);
            break;
        case SplitBehavior::merged_with_previous:
            found = merge_with_previous(parts);
            break;
        case SplitBehavior::merged_with_next:
            found = merge_with_next(parts);
            break;
        case SplitBehavior::contiguous:
            found = merge_alike(parts);
            break;
    }
    for (Span const& piece : found) {
        if (piece.size() != 0) pieces.push_back(piece);
    }
}

class WordSplitter : public Splitter {
 public:
    explicit WordSplitter(WordPattern const& pattern)
        : stepper_(pattern), scan_(simd::word_scanner(pattern, simd::active_isa())) {}

    void split(std::string_view text, std::vector<Span>& pieces) const override {
        constexpr std::size_t kCapacity = 320;
        std::uint32_t starts[kCapacity];
        auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
        auto const* cursor = begin;
        auto const* const end = begin + text.size();
        while (cursor < end) {
            auto const* const base = cursor;
            auto const offset = static_cast<std::size_t>(base - begin);
            std::size_t const count = scan_(stepper_, base, cursor, end, end, starts, kCapacity);
            for (std::size_t i = 1; i < count; ++i) {
                pieces.push_back({offset + starts[i - 1], offset + starts[i]});
            }
            pieces.push_back(
                {offset + starts[count - 1], static_cast<std::size_t>(cursor - begin)});
        }
    }

    WordStepper const* words() const noexcept override { return &stepper_; }

    std::string describe() const override {
        return std::string("word scanner (") + simd::isa_name(simd::active_isa()) + ")";
    }

 private:
    WordStepper stepper_;
    simd::ScanWords scan_;
};

class RegexSplitter : public Splitter {
 public:
    RegexSplitter(PreTokenizer const& step, regex::Dialect dialect)
        : matcher_(regex::Matcher::compile(step.pattern, dialect)),
          behavior_(step.behavior),
          invert_(step.invert) {}

    void split(std::string_view text, std::vector<Span>& pieces) const override {
        std::vector<Span> matches;
        matcher_->find_all(text, matches);
        apply_behavior(text, matches, behavior_, invert_, pieces);
    }

    std::string describe() const override { return "general matcher"; }

 private:
    std::shared_ptr<regex::Matcher const> matcher_;
    SplitBehavior behavior_;
    bool invert_;
};

class LiteralSplitter : public Splitter {
 public:
    explicit LiteralSplitter(PreTokenizer const& step)
        : literal_(step.pattern), behavior_(step.behavior), invert_(step.invert) {
        if (literal_.empty()) {
            throw Error(ErrorKind::unsupported_tokenizer,
                        "pre_tokenizer Split with an empty pattern");
        }
    }

    void split(std::string_view text, std::vector<Span>& pieces) const override {
        std::vector<Span> matches;
        for (std::size_t at = text.find(literal_); at != std::string_view::npos;
             at = text.find(literal_, at + literal_.size())) {
            matches.push_back({at, at + literal_.size()});
        }
        apply_behavior(text, matches, behavior_, invert_, pieces);
    }

    std::string describe() const override { return "literal search"; }

 private:
    std::string literal_;
    SplitBehavior behavior_;
    bool invert_;
};

class DigitSplitter : public Splitter {
 public:
    explicit DigitSplitter(bool individual) : individual_(individual) {}

    void split(std::string_view text, std::vector<Span>& pieces) const override {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        std::size_t begin = 0;
        bool previous = false;
        for (std::size_t at = 0; at < text.size();) {
            DecodedChar const c = decode_char(bytes + at);
            bool const digit = unicode::is_rust_numeric(c.code_point);
            if (at != begin && (digit != previous || (digit && individual_))) {
                pieces.push_back({begin, at});
                begin = at;
            }
            previous = digit;
            at += c.size;
        }
        if (begin != text.size()) pieces.push_back({begin, text.size()});
    }

    std::string describe() const override {
        return individual_ ? "digits, one by one" : "digits, in runs";
    }

 private:
    bool individual_;
};

}  // namespace

std::unique_ptr<Splitter const> make_splitter(PreTokenizer const& step, regex::Dialect dialect) {
    if (step.kind == PreTokenizerKind::digits) {
        return std::make_unique<DigitSplitter>(step.individual_digits);
    }
    if (step.kind == PreTokenizerKind::byte_level) {
        if (!step.use_regex) return nullptr;
        return std::make_unique<WordSplitter>(
            *recognize_word_pattern(kByteLevelPattern, regex::Dialect::onig));
    }
    if (!step.pattern_is_regex) return std::make_unique<LiteralSplitter>(step);
    // Every character belongs to some token of a word pattern, so there is nothing between matches.
    bool const keeps_matches = step.behavior == SplitBehavior::isolated ||
                               (step.behavior == SplitBehavior::removed && step.invert);
    if (keeps_matches) {
        if (auto const pattern = recognize_word_pattern(step.pattern, dialect)) {
            return std::make_unique<WordSplitter>(*pattern);
        }
    }
    return std::make_unique<RegexSplitter>(step, dialect);
}

}  // namespace tokmill
