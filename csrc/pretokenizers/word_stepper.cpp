#include "pretokenizers/word_stepper.h"

#include "core/utf8_decode.h"
#include "pretokenizers/char_class.h"

namespace tokmill {
namespace {

constexpr std::uint8_t kEnd = 0xFF;  // the class of what follows the text

}  // namespace

struct WordStepper::Char {
    Byte const* next;
    std::uint8_t kind;
    bool newline;
};

WordStepper::WordStepper(WordPattern const& pattern)
    : pattern_(pattern), bmp_(bmp_char_classes().data()) {}

WordStepper::Byte const* WordStepper::step(Byte const* p, Byte const* end) const noexcept {
    if (*p == '\'' && (pattern_.contraction == WordPattern::Contraction::first_exact_case ||
                       pattern_.contraction == WordPattern::Contraction::first_any_case)) {
        if (std::size_t const n = contraction(p, end)) return p + n;
    }
    Char const first = read(p, end);
    Char const second = read(first.next, end);
    if (is_word(first)) return word(p, end);
    if (is_prefix(first) && is_word(second)) return word(first.next, end);
    if (first.kind == kNumber) return number(p, end);
    bool const blank = *p == ' ';
    if (blank && pattern_.number_takes_space && second.kind == kNumber) {
        return number(first.next, end);
    }
    if (is_punctuation(first)) return punctuation(p, end);
    if (blank && is_punctuation(second)) return punctuation(first.next, end);
    return white_space(p, end);
}

WordStepper::Char WordStepper::read(Byte const* p, Byte const* end) const noexcept {
    if (p >= end) return {p, kEnd, false};
    DecodedChar const c = decode_char(p);
    return {p + c.size, char_class(bmp_, c.code_point), *p == '\n' || *p == '\r'};
}

bool WordStepper::is_word(Char c) const noexcept {
    if (c.kind >= kUpper && c.kind <= kBothCases) return true;
    return c.kind == kMark && pattern_.letters != WordPattern::Letters::letters;
}
bool WordStepper::is_prefix(Char c) const noexcept {
    if (pattern_.prefix == WordPattern::Prefix::space) return *(c.next - 1) == ' ';
    return c.kind != kNumber && !c.newline && c.kind != kEnd;
}
bool WordStepper::is_punctuation(Char c) const noexcept {
    return c.kind == kOther || (c.kind == kMark && !pattern_.punctuation_excludes_marks);
}

WordStepper::Byte const* WordStepper::word(Byte const* p, Byte const* end) const noexcept {
    p = pattern_.letters == WordPattern::Letters::cased ? cased_letters(p, end) : letters(p, end);
    if (pattern_.contraction == WordPattern::Contraction::tail_any_case) {
        p += contraction(p, end);
    }
    return p;
}

WordStepper::Byte const* WordStepper::letters(Byte const* p, Byte const* end) const noexcept {
    for (Char c = read(p, end); is_word(c); c = read(p, end)) p = c.next;
    return p;
}

// [upper both]*[lower both]+ | [upper both]+[lower both]*: the capitals as far as they go; then,
// if a lower-case letter follows, everything up to the next capital; otherwise back to the last
// letter that counts as both (it can be the "lower" part), or all capitals if there is none.
WordStepper::Byte const* WordStepper::cased_letters(Byte const* p, Byte const* end) const noexcept {
    Byte const* after_both = nullptr;
    Char c = read(p, end);
    for (; is_word(c) && c.kind != kLower; c = read(p, end)) {
        p = c.next;
        if (c.kind != kUpper) after_both = p;
    }
    if (c.kind != kLower) return after_both != nullptr ? after_both : p;
    for (; is_word(c) && c.kind != kUpper; c = read(p, end)) p = c.next;
    return p;
}

WordStepper::Byte const* WordStepper::number(Byte const* p, Byte const* end) const noexcept {
    unsigned left = pattern_.max_digits;  // 0 wraps around: no limit
    for (Char c = read(p, end); c.kind == kNumber; c = read(p, end)) {
        p = c.next;
        if (--left == 0) break;
    }
    return p;
}

WordStepper::Byte const* WordStepper::punctuation(Byte const* p, Byte const* end) const noexcept {
    for (Char c = read(p, end); c.kind != kEnd && is_punctuation(c); c = read(p, end)) p = c.next;
    if (!pattern_.punctuation_takes_newlines) return p;
    bool const slashes = pattern_.punctuation_takes_slashes;
    while (p < end && (*p == '\n' || *p == '\r' || (slashes && *p == '/'))) ++p;
    return p;
}

// A run of white space: up to its last newline if newlines count; all of it at the end of the
// text; otherwise all but the last character, which is left for what follows.
WordStepper::Byte const* WordStepper::white_space(Byte const* p, Byte const* end) const noexcept {
    Byte const* last = p;
    Byte const* after_newline = nullptr;
    Byte const* run = p;
    Char c = read(run, end);
    for (; c.kind == kSpace; c = read(run, end)) {
        last = run;
        run = c.next;
        if (c.newline) after_newline = run;
    }
    bool const at_end = c.kind == kEnd;
    if (at_end && pattern_.newlines == WordPattern::Newlines::end_first) return run;
    if (after_newline != nullptr && pattern_.newlines != WordPattern::Newlines::none) {
        return after_newline;
    }
    return at_end || last == p ? run : last;
}

std::size_t WordStepper::contraction(Byte const* p, Byte const* end) const noexcept {
    if (end - p < 2 || *p != '\'') return 0;
    bool const any_case = pattern_.contraction != WordPattern::Contraction::first_exact_case;
    Byte const fold = any_case ? 0x20 : 0;
    Byte const a = p[1] | fold;
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
    if (end - p < 3) return 0;
    if (any_case && p[1] == 0xC5 && p[2] == 0xBF) return 3;
    Byte const b = p[2] | fold;
    return (a == 'l' && b == 'l') || ((a == 'r' || a == 'v') && b == 'e') ? 3 : 0;
}

}  // namespace tokmill
