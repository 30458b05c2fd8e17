// Finds numerals in text: one pass from left to right, no regular expressions, at most a few bytes
// of context. docs/numbers.md gives the grammar and says why each hard case is decided as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "numbers/scheme.h"
#include "regex/pattern.h"
#include "simd/byte_search.h"

namespace tokmill::numbers {

// Why digits are left to the base tokenizer.
enum class Plain : std::uint8_t {
    no,            // they are not
    identifier,    // they follow a letter, an underscore or a digit of another script
    literal,       // of base 2, 8 or 16
    leading_zero,  // 007
    overflow,      // more digits than the vocabulary has groups for
    misaligned,    // thousands separators inside the groups of the scheme
    few,           // no more than min_digits
    exempt,
};

struct Numeral {
    static constexpr std::uint8_t kNoSeparator = 0xFF;

    std::size_t begin = 0, end = 0;
    std::size_t int_end = 0;     // [begin, int_end): integer part with its separators; may be empty
    std::size_t frac_begin = 0;  // behind the point; `end` if there is no fraction
    std::size_t int_digits = 0;
    std::uint8_t separator = kNoSeparator;  // place in Scheme::separators
    bool exponent = false;
    Plain plain = Plain::no;

    bool has_integer() const noexcept { return int_end > begin; }
    bool has_fraction() const noexcept { return frac_begin < end; }
    std::size_t fraction_digits() const noexcept { return end - frac_begin; }
};

class Grammar {
 public:
    // Throws invalid_tokenizer if a pattern of Scheme::exempt cannot be compiled.
    explicit Grammar(Scheme const& scheme);

    // Calls sink.numeral(Numeral const&) for every numeral from left to right, plain ones included;
    // together they hold all ASCII digits of the text. Stops when sink.full(). Throws invalid_input
    // for Overflow::error. `text` may hold bytes that are not UTF-8.
    template <class Sink>
    void scan(std::string_view text, Sink& sink) const {
        Exempt exempt = find_exempt(text);
        std::size_t at = next_digit(text, 0);
        while (at < text.size() && !sink.full()) {
            at = next_digit(text, numerals_at(text, at, exempt, sink));
        }
    }

    // The first ASCII digit at or behind `from`; the size of the text if there is none.
    std::size_t next_digit(std::string_view text, std::size_t from) const {
        // In tables the next digit is near.
        std::size_t const near = text.size() - from < kNear ? text.size() : from + kNear;
        for (; from < near; ++from) {
            if (is_digit(text[from])) return from;
        }
        return from == text.size() ? from : digits_.find(text, from);
    }

    static bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

 private:
    static constexpr std::size_t kNear = 8;

    // What the patterns of Scheme::exempt match, merged and in order.
    struct Exempt {
        std::vector<Span> spans;
        std::size_t next = 0;
        // Asked from left to right.
        bool touches(std::size_t begin, std::size_t end) noexcept {
            while (next < spans.size() && spans[next].end <= begin) ++next;
            return next < spans.size() && spans[next].begin < end;
        }
    };
    struct Chain {
        std::size_t int_end;   // of the first run
        std::size_t frac_end;  // of the run behind the first point, or int_end
        bool is_chain;         // there is a second point with digits behind
    };

    static std::size_t run_end(std::string_view text, std::size_t at) noexcept {
        while (at < text.size() && is_digit(text[at])) ++at;
        return at;
    }
    bool point_and_digit(std::string_view text, std::size_t at) const noexcept {
        return at + 1 < text.size() && text[at] == scheme_.point && is_digit(text[at + 1]);
    }
    Chain chain_at(std::string_view text, std::size_t at) const noexcept {
        std::size_t const end = run_end(text, at);
        if (!point_and_digit(text, end)) return {end, end, false};
        std::size_t const frac_end = run_end(text, end + 1);
        return {end, frac_end, point_and_digit(text, frac_end)};
    }
    Exempt find_exempt(std::string_view text) const;
    // Whether the character before `at` makes an identifier of what follows.
    bool follows_name(std::string_view text, std::size_t at) const noexcept;
    bool blocks_leading_point(std::string_view text, std::size_t at) const noexcept;
    // The end of a literal such as 0x1F that begins at `at`, or `at`.
    static std::size_t literal_end(std::string_view text, std::size_t at) noexcept;
    // The place of the separator at or before a position, or kNoSeparator.
    std::uint8_t separator_at(std::string_view text, std::size_t at) const noexcept;
    bool follows_separated_digit(std::string_view text, std::size_t at) const noexcept;
    bool separator_and_digit(std::string_view text, std::size_t at) const noexcept;
    // Whether a grouped integer begins at `at`, where a run of digits ends at `int_end`; fills in
    // what it is.
    bool grouped_at(std::string_view text, std::size_t at, std::size_t int_end,
                    Numeral& numeral) const noexcept;
    // Decides Numeral::plain.
    void judge(std::string_view text, Numeral& numeral, bool bare, Exempt& exempt) const;
    [[noreturn]] void refuse_overflow(Numeral const& numeral) const;
    // Digits of an exponent at `at`: the run behind e or E and a sign.
    Span exponent_at(std::string_view text, std::size_t at) const noexcept;

    // Takes the number that begins with the digit at `at`; returns where to go on.
    template <class Sink>
    std::size_t numerals_at(std::string_view text, std::size_t at, Exempt& exempt,
                            Sink& sink) const {
        if (text[at] == '0') [[unlikely]] {
            std::size_t const end = literal_end(text, at);
            if (end != at) return take_literal(text, at, end, sink);
        }
        bool const name = follows_name(text, at);
        Chain const chain = chain_at(text, at);
        // A run behind digits and a point is neither the integer part of a decimal nor grouped.
        bool const in_chain = at >= 2 && text[at - 1] == scheme_.point && is_digit(text[at - 2]);
        if (chain.is_chain) return take_chain(text, at, name, exempt, sink);
        Numeral numeral;
        numeral.begin = at;
        if (at >= 1 && text[at - 1] == scheme_.point && !blocks_leading_point(text, at - 1)) {
            numeral.begin = numeral.int_end = at - 1;
            numeral.frac_begin = at;
            numeral.end = chain.int_end;
        } else if (!in_chain && grouped_at(text, at, chain.int_end, numeral)) {
            // filled in
        } else {
            numeral.int_end = numeral.end = numeral.frac_begin = chain.int_end;
            numeral.int_digits = chain.int_end - at;
            if (!in_chain && chain.frac_end != chain.int_end) {
                numeral.frac_begin = chain.int_end + 1;
                numeral.end = chain.frac_end;
            }
        }
        return take(text, numeral, name, exempt, sink);
    }
    // A numeral with its exponent.
    template <class Sink>
    std::size_t take(std::string_view text, Numeral& numeral, bool name, Exempt& exempt,
                     Sink& sink) const {
        Span const exponent = exponent_at(text, numeral.end);
        bool const bare = numeral.separator == Numeral::kNoSeparator && !numeral.has_fraction() &&
                          exponent.size() == 0;
        if (name) numeral.plain = Plain::identifier;
        judge(text, numeral, bare, exempt);
        sink.numeral(numeral);
        if (exponent.size() == 0) return numeral.end;
        Numeral power = integer(exponent);
        power.exponent = true;
        // What is no quantity has no exponent.
        if (numeral.plain == Plain::identifier || numeral.plain == Plain::leading_zero) {
            power.plain = numeral.plain;
        }
        judge(text, power, false, exempt);
        sink.numeral(power);
        return exponent.end;
    }
    // Runs with points between them: a version, an address. Each is an integer of its own.
    template <class Sink>
    std::size_t take_chain(std::string_view text, std::size_t at, bool name, Exempt& exempt,
                           Sink& sink) const {
        for (;;) {
            Numeral numeral = integer({at, run_end(text, at)});
            if (!point_and_digit(text, numeral.end)) {
                return take(text, numeral, name, exempt, sink);
            }
            if (name) numeral.plain = Plain::identifier;
            judge(text, numeral, true, exempt);
            sink.numeral(numeral);
            if (sink.full()) return text.size();
            at = numeral.end + 1;
        }
    }
    template <class Sink>
    std::size_t take_literal(std::string_view text, std::size_t at, std::size_t end,
                             Sink& sink) const {
        while (at < end) {
            Numeral numeral = integer({at, run_end(text, at)});
            numeral.plain = Plain::literal;
            sink.numeral(numeral);
            at = numeral.end;
            while (at < end && !is_digit(text[at])) ++at;
        }
        return end;
    }
    static Numeral integer(Span run) noexcept {
        Numeral numeral;
        numeral.begin = run.begin;
        numeral.end = numeral.int_end = numeral.frac_begin = run.end;
        numeral.int_digits = run.size();
        return numeral;
    }

    Scheme scheme_;
    bool takes_separators_;
    bool limited_;  // long numerals are plain or an error
    std::vector<stages::Pattern> exempt_;
    simd::ByteSearch digits_;
    // Of each byte: whether a separator may begin or end with it.
    bool begins_separator_[256] = {};
    bool ends_separator_[256] = {};
};

}  // namespace tokmill::numbers
