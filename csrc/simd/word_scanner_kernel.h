// The scanner of word patterns, written once over a Block (simd/block64.h).
//
// It works on windows of 64 bytes that begin at a token's start, so nothing is carried from one
// window to the next: each window yields the starts of all tokens that end inside it, and the last
// start, whose token may go on, begins the next window. Classes of characters become bit masks
// (every byte of a character carries its class), and where tokens start is then shifts, ands and
// additions: an addition whose carry runs along a mask finds the end of a run. What 64 bytes cannot
// decide, and the few combinations that the masks do not model ("hard" windows), goes to the
// WordStepper token by token.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/utf8_decode.h"
#include "pretokenizers/char_class.h"
#include "pretokenizers/word_stepper.h"
#include "simd/block64.h"
#include "simd/word_scanner.h"

namespace tokmill::simd {
namespace {

using Mask = std::uint64_t;
using Byte = unsigned char;
using Prefix = WordPattern::Prefix;
using Letters = WordPattern::Letters;
using Contraction = WordPattern::Contraction;
using Newlines = WordPattern::Newlines;

TOKMILL_INLINE Mask bit(unsigned i) {
    return Mask{1} << i;
}
TOKMILL_INLINE Mask below(unsigned i) {
    return i >= 64 ? ~Mask{0} : bit(i) - 1;
}

// The bits of `run` that follow a bit of `seeds` without a gap, and the seeds themselves.
TOKMILL_INLINE Mask spread(Mask seeds, Mask run) {
    return ((((seeds & run) + run) ^ run) & run) | seeds;
}

struct WindowMasks {
    Mask chars;  // first bytes of characters
    Mask upper, lower, both, mark, number, space;
    Mask newline, blank, apostrophe, slash;
};

// First bytes of characters that are certainly letters of one kind, found without decoding: the
// bulk of Chinese, Japanese, Korean, Cyrillic and Western European text. A mask shifted right by
// one asks about the second byte of a character, by two about the third.
struct CommonLetters {
    Mask upper, lower, both;
};

template <class Block>
TOKMILL_INLINE CommonLetters common_letters(Block const& block) {
    auto const second = [&](Byte low, Byte count) { return block.in_range(low, count) >> 1; };
    auto const third = [&](Byte low, Byte count) { return block.in_range(low, count) >> 2; };
    CommonLetters letters{0, 0, 0};
    if (Mask const wide = block.in_range(0xE3, 11); wide != 0) {
        // U+3041..3096, 30A1..30FA, 30FC..30FF and neighbours that are letters
        Mask const kana = (second(0x81, 1) & ~third(0x80, 1)) |
                          (second(0x82, 1) & ~(third(0x97, 6) | third(0xA0, 1))) |
                          (second(0x83, 1) & ~third(0xBB, 1));
        // U+4000..9FFF but for the hexagrams at U+4DC0; U+AC00..D77F
        letters.both = (block.equal(0xE3) & kana) | (block.equal(0xE4) & ~second(0xB7, 1)) |
                       block.in_range(0xE5, 5) | (block.equal(0xEA) & second(0xB0, 16)) |
                       block.in_range(0xEB, 2) | (block.equal(0xED) & second(0x80, 30));
    }
    if (Mask const cyrillic = block.in_range(0xD0, 2); cyrillic != 0) {
        Mask const first_half = block.equal(0xD0);
        letters.upper |= first_half & second(0x80, 48);
        letters.lower |= (first_half & second(0xB0, 16)) | (block.equal(0xD1) & second(0x80, 32));
    }
    if (Mask const latin = block.equal(0xC3); latin != 0) {
        letters.upper |= latin & second(0x80, 31) & ~second(0x97, 1);
        letters.lower |= latin & second(0x9F, 33) & ~second(0xB7, 1);
    }
    return letters;
}

// Where the last character of a window is cut off, or `size`.
template <class Block>
TOKMILL_INLINE unsigned whole_characters(Block const& block, unsigned size) {
    Mask const cut = (block.in_range(0xC0, 0x40) & ~below(size - 1)) |
                     (block.in_range(0xE0, 0x20) & ~below(size - 2)) |
                     (block.in_range(0xF0, 0x10) & ~below(size - 3));
    unsigned const first = cut == 0 ? 64 : static_cast<unsigned>(std::countr_zero(cut));
    return first < size ? first : size;
}

// The classes of the first `size` bytes. Of characters that are not ASCII, those that
// common_letters() does not know are looked up one by one; their class is given to all of their
// bytes. `size` shrinks if the text goes on and the last character is cut off.
template <class Block>
TOKMILL_INLINE WindowMasks classify(Block const& block, Byte const* p, unsigned& size, bool at_end,
                                    std::uint8_t const* bmp) {
    WindowMasks m;
    m.newline = block.equal('\n') | block.equal('\r');
    m.blank = block.equal(' ');
    m.apostrophe = block.equal('\'');
    m.slash = block.equal('/');
    m.upper = block.in_range('A', 26);
    m.lower = block.in_range('a', 26);
    m.number = block.in_range('0', 10);
    m.space = m.blank | block.in_range('\t', 5);
    m.both = m.mark = 0;
    m.chars = ~Mask{0};
    if ((block.non_ascii() & below(size)) != 0) {
        if (!at_end) size = whole_characters(block, size);
        Mask const continuations = block.in_range(0x80, 0x40);
        Mask const heads = block.in_range(0xC0, 0x40) & below(size);
        m.chars = ~continuations;
        CommonLetters const common = common_letters(block);
        Mask const narrow = (common.upper | common.lower) & heads;
        Mask const wide = common.both & heads;
        m.upper |= (common.upper & heads) | (common.upper & heads) << 1;
        m.lower |= (common.lower & heads) | (common.lower & heads) << 1;
        Mask by_class[8] = {};
        for (Mask rest = heads & ~(narrow | wide); rest != 0; rest &= rest - 1) {
            unsigned const i = static_cast<unsigned>(std::countr_zero(rest));
            DecodedChar const c = decode_char(p + i);
            by_class[char_class(bmp, c.code_point)] |= below(c.size) << i;
        }
        m.upper |= by_class[kUpper];
        m.lower |= by_class[kLower];
        m.both = by_class[kBothCases] | wide | wide << 1 | wide << 2;
        m.mark = by_class[kMark];
        m.number |= by_class[kNumber];
        m.space |= by_class[kSpace];
    }
    Mask const valid = below(size);
    m.newline &= valid;
    m.blank &= valid;
    m.apostrophe &= valid;
    m.slash &= valid;
    m.upper &= valid;
    m.lower &= valid;
    m.number &= valid;
    m.space &= valid;
    m.chars &= valid;
    return m;
}

// White space after the last newline of its run, where a newline ends a token: the byte behind that
// newline. Candidates stand behind any newline; those whose run meets another one are dropped.
TOKMILL_INLINE Mask after_last_newline(Mask space, Mask newline) {
    Mask const rest = space & ~newline;
    Mask candidates = rest & (newline << 1);
    if (candidates == 0) return 0;
    for (Mask bad = (candidates + rest) & ~rest & newline; bad != 0; bad &= bad - 1) {
        Mask const before = candidates & (below(static_cast<unsigned>(std::countr_zero(bad))));
        if (before != 0) candidates &= ~std::bit_floor(before);
    }
    return candidates;
}

// Apostrophes that begin or end tokens in ways that the class masks do not show.
TOKMILL_INLINE Mask apply_contractions(WordStepper const& stepper, Byte const* p, unsigned size,
                                       Mask eligible, Mask word, Mask starts, bool tail) {
    unsigned previous_end = 0;
    for (; eligible != 0; eligible &= eligible - 1) {
        unsigned const i = static_cast<unsigned>(std::countr_zero(eligible));
        // A word that is itself what follows a contraction has no tail.
        if (tail && previous_end == i) continue;
        auto const length = static_cast<unsigned>(stepper.contraction(p + i, p + size));
        if (length == 0) continue;
        previous_end = i + length;
        unsigned const first_inside = tail ? i : i + 1;
        starts &= ~(below(previous_end) & ~below(first_inside));
        if (previous_end < size) starts |= word & bit(previous_end);
    }
    return starts;
}

struct WindowStarts {
    Mask starts;
    bool hard;
};

// Where tokens start if the text ended behind the window.
template <Prefix kPrefix, Letters kLetters>
TOKMILL_INLINE WindowStarts token_starts(WordStepper const& stepper, WindowMasks const& m,
                                         Byte const* p, unsigned size, bool at_end) {
    WordPattern const& pattern = stepper.pattern();
    Mask const valid = below(size);
    Mask word = m.upper | m.lower | m.both;
    if constexpr (kLetters != Letters::letters) word |= m.mark;
    Mask space = m.space;
    Mask number = m.number;
    Mask other = valid & ~(word | space | number);

    bool hard = false;
    if constexpr (kLetters == Letters::cased) {
        // A capital behind a letter of both cases: what follows decides. Marks are word and
        // punctuation at once.
        hard = (((m.both << 1) & m.upper) | m.mark) != 0;
    } else if constexpr (kLetters == Letters::letters_and_marks) {
        hard = m.mark != 0 && !pattern.punctuation_excludes_marks;
    }
    hard |= pattern.max_digits > 1 && (number & ~m.chars) != 0;

    if (pattern.punctuation_takes_newlines) {
        Mask run = m.newline;
        if (pattern.punctuation_takes_slashes) run |= m.slash;
        Mask const taken = spread(m.newline & (other << 1), run);
        space &= ~taken;
        other &= ~taken;
    }
    Mask const newline = m.newline & space;
    bool const newlines_end = pattern.newlines != Newlines::none;

    // White space: the run's start, what follows its last newline, and its last character if
    // something other than the end of the text follows.
    Mask starts = space & ~(space << 1);
    Mask last = space & ~(space >> 1) & (valid >> 1);
    if (newlines_end) {
        starts |= after_last_newline(space, newline);
        last &= ~newline;
    }
    for (Mask cut = last & ~m.chars; cut != 0; cut = last & ~m.chars) {
        last = (last & m.chars) | (cut >> 1);
    }
    starts |= last;
    if (at_end && pattern.newlines == Newlines::end_first && (space & bit(size - 1)) != 0) {
        Mask const outside = ~space & below(size);
        unsigned const run =
            outside == 0 ? 0 : 64u - static_cast<unsigned>(std::countl_zero(outside));
        starts &= below(run + 1);
    }

    Mask const other_starts = other & ~(other << 1) & ~(m.blank << 1);
    Mask word_starts = word & ~(word << 1);
    Mask number_starts = number & ~(number << 1);
    if constexpr (kPrefix == Prefix::space) {
        word_starts &= ~(m.blank << 1);
    } else {
        Mask behind = other_starts << 1;
        if (Mask const continuations = other & ~m.chars; continuations != 0) {
            Mask const inside = behind & continuations;
            behind = (behind & ~continuations) | ((inside + continuations) & ~continuations);
        }
        word_starts &= ~(((space & ~newline) << 1) | behind);
    }
    if constexpr (kLetters == Letters::cased) word_starts |= m.upper & (m.lower << 1);
    if (pattern.number_takes_space) number_starts &= ~(m.blank << 1);

    if (pattern.max_digits > 0) {
        hard |= pattern.number_takes_space && number != 0;
        if (pattern.max_digits == 1) {
            number_starts = number & m.chars;
        } else {
            Mask full = number;  // digits with max_digits digits before them
            for (unsigned i = 1; i <= pattern.max_digits; ++i) full &= number << i;
            for (Mask next = number_starts; next != 0;) {
                next = (next << pattern.max_digits) & full;
                number_starts |= next;
            }
        }
    }

    starts |= other_starts | word_starts | number_starts;
    if (m.apostrophe != 0 && pattern.contraction != Contraction::none) {
        bool const tail = pattern.contraction == Contraction::tail_any_case;
        Mask const eligible =
            tail ? m.apostrophe & (word << 1) : m.apostrophe & other_starts & (word >> 1);
        starts = apply_contractions(stepper, p, size, eligible, word, starts, tail);
    }
    return {(starts | 1) & valid, hard};
}

// Drops the starts that text behind the window could still move; the last one left is where the
// next window begins.
TOKMILL_INLINE Mask certain_starts(Mask starts, WindowMasks const& m, unsigned size,
                                   bool has_contractions) {
    if (has_contractions) {
        // Whether an apostrophe begins a contraction shows in the two bytes behind it.
        if (Mask const late = m.apostrophe & ~below(size - 3); late != 0) {
            starts &= (late & (~late + 1)) - 1;
        }
    }
    if ((m.space & bit(size - 1)) != 0) {
        Mask const outside = ~m.space & below(size);
        unsigned const run =
            outside == 0 ? 0 : 64u - static_cast<unsigned>(std::countl_zero(outside));
        starts &= below(run + 1);
    }
    return starts;
}

template <class Block, Prefix kPrefix, Letters kLetters>
std::size_t scan_words(WordStepper const& stepper, Byte const* base, Byte const*& cursor,
                       Byte const* end, Byte const* readable_end, std::uint32_t* starts,
                       std::size_t capacity) {
    constexpr std::ptrdiff_t kFar = std::ptrdiff_t{1} << 30;
    std::uint8_t const* const bmp = bmp_char_classes().data();
    bool const has_contractions = stepper.pattern().contraction != Contraction::none;
    Byte const* p = cursor;
    std::size_t count = 0;
    while (p < end && count + 64 <= capacity && p - base < kFar) {
        bool const last_window = end - p <= 64;
        unsigned size = last_window ? static_cast<unsigned>(end - p) : 64;
        Byte const* window = p;
        Byte padded[64];
        if (readable_end - p < 64) [[unlikely]] {
            std::memset(padded, 0, sizeof padded);
            std::memcpy(padded, p, size);
            window = padded;
        }
        WindowMasks const m = classify(Block::load(window), p, size, last_window, bmp);
        auto [mask, hard] = token_starts<kPrefix, kLetters>(stepper, m, p, size, last_window);
        if (hard) [[unlikely]] {
            Byte const* const enough = p + (size > 16 ? size - 16 : 1);
            do {
                starts[count++] = static_cast<std::uint32_t>(p - base);
                p = stepper.step(p, end);
            } while (p < enough && p < end);
            continue;
        }
        std::uint32_t const offset = static_cast<std::uint32_t>(p - base);
        if (last_window) {
            Block::write_positions(mask, offset, starts + count);
            count += static_cast<std::size_t>(std::popcount(mask));
            p = end;
            break;
        }
        mask = certain_starts(mask, m, size, has_contractions);
        unsigned const resume = 63u - static_cast<unsigned>(std::countl_zero(mask));
        if (resume == 0) [[unlikely]] {
            starts[count++] = offset;
            p = stepper.step(p, end);
            continue;
        }
        mask &= ~bit(resume);
        Block::write_positions(mask, offset, starts + count);
        count += static_cast<std::size_t>(std::popcount(mask));
        p += resume;
    }
    cursor = p;
    return count;
}

template <class Block>
ScanWords select_scanner(WordPattern const& pattern) {
    if (pattern.prefix == Prefix::space) {
        switch (pattern.letters) {
            case Letters::letters:
                return &scan_words<Block, Prefix::space, Letters::letters>;
            case Letters::letters_and_marks:
                return &scan_words<Block, Prefix::space, Letters::letters_and_marks>;
            case Letters::cased:
                return &scan_words<Block, Prefix::space, Letters::cased>;
        }
    }
    switch (pattern.letters) {
        case Letters::letters:
            return &scan_words<Block, Prefix::any_but_newline, Letters::letters>;
        case Letters::letters_and_marks:
            return &scan_words<Block, Prefix::any_but_newline, Letters::letters_and_marks>;
        case Letters::cased:
            break;
    }
    return &scan_words<Block, Prefix::any_but_newline, Letters::cased>;
}

}  // namespace
}  // namespace tokmill::simd
