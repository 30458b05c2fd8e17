// Finds numerals in text: one pass from left to right, no regular expressions, at most a few bytes
// of context. docs/numbers.md gives the grammar and says why each hard case is decided as it is.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "numbers/easy_numerals.h"
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
    // together they hold all ASCII digits of the text. Stops when sink.full(). A sink that has the
    // function is asked behind each number where to go on: std::size_t resume(std::size_t at).
    // Throws invalid_input for Overflow::error. `text` may hold bytes that are not UTF-8.
    template <class Sink>
    void scan(std::string_view text, Sink& sink) const {
        Exempt exempt = find_exempt(text);
        std::size_t at = next_digit(text, 0);
        while (at < text.size() && !sink.full()) {
            std::size_t end = numerals_at(text, at, exempt, sink);
            if constexpr (requires { sink.resume(end); }) end = sink.resume(end);
            at = next_digit(text, end);
        }
    }

    // The first ASCII digit at or behind `from`; the size of the text if there is none.
    std::size_t next_digit(std::string_view text, std::size_t from) const {
        // In tables the next digit is near.
        if (text.size() - from >= 8) {
            std::uint64_t const found = ~other_bytes(text.data() + from) & kHighBits;
            if (found != 0) return from + first_byte(found);
            from += 8;
        }
        return from == text.size() ? from : digits_.find(text, from);
    }

    // For numerals that EasyNumerals may take instead of scan().
    EasyRules const& easy_rules() const noexcept { return easy_rules_; }

    static bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

 private:
    static constexpr std::uint64_t kHighBits = 0x8080808080808080u;

    // Eight bytes at once: of those that are no digits the highest bit is set.
    static std::uint64_t other_bytes(char const* text) noexcept {
        constexpr std::uint64_t kOnes = 0x0101010101010101u;
        std::uint64_t bytes;
        std::memcpy(&bytes, text, 8);
        bytes ^= kOnes * 0x30;
        return ((bytes & kOnes * 0x7F) + kOnes * 0x76) | bytes;
    }
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
        while (text.size() - at >= 8) {
            std::uint64_t const found = other_bytes(text.data() + at) & kHighBits;
            if (found != 0) return at + first_byte(found);
            at += 8;
        }
        while (at < text.size() && is_digit(text[at])) ++at;
        return at;
    }
    static std::size_t first_byte(std::uint64_t bits) noexcept {
        if constexpr (std::endian::native == std::endian::little) {
            return static_cast<std::size_t>(std::countr_zero(bits)) / 8;
        }
        return static_cast<std::size_t>(std::countl_zero(bits)) / 8;
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
    static bool follows_name(std::string_view text, std::size_t at) noexcept {
        if (at == 0) return false;
        auto const before = static_cast<unsigned char>(text[at - 1]);
        if (before < 0x80)
            return static_cast<unsigned>((before | 0x20) - 'a') < 26 || before == '_';
        return follows_wide_name(text, at);
    }
    static bool follows_wide_name(std::string_view text, std::size_t at) noexcept;
    bool blocks_leading_point(std::string_view text, std::size_t at) const noexcept;
    static bool is_letter_behind(std::string_view text, std::size_t at) noexcept {
        return at + 1 < text.size() && static_cast<unsigned>((text[at + 1] | 0x20) - 'a') < 26;
    }
    // The end of a literal such as 0x1F that begins at `at`, or `at`.
    static std::size_t literal_end(std::string_view text, std::size_t at) noexcept;
    // The place of the separator at or before a position, or kNoSeparator.
    std::uint8_t separator_at(std::string_view text, std::size_t at) const noexcept;
    bool follows_separated_digit(std::string_view text, std::size_t at) const noexcept;
    bool separator_and_digit(std::string_view text, std::size_t at) const noexcept;
    // A quick look at what grouped_at() asks for first.
    bool may_be_grouped(std::string_view text, std::size_t at, std::size_t end) const noexcept {
        return end < text.size() && begins_separator_[static_cast<unsigned char>(text[end])] &&
               end - at <= 3 && text[at] != '0';
    }
    // Whether a grouped integer begins at `at`, where a run of digits ends at `int_end`; fills in
    // what it is.
    bool grouped_at(std::string_view text, std::size_t at, std::size_t int_end,
                    Numeral& numeral) const noexcept;
    // Decides Numeral::plain.
    void judge(std::string_view text, Numeral& numeral, bool bare, Exempt& exempt) const {
        // All of it at once, because each of them is hard to predict.
        bool const is_padded = (text[numeral.begin] == '0') & (numeral.int_digits > 1);
        bool const is_long = (numeral.int_digits > sure_integer_digits_) |
                             (numeral.fraction_digits() > sure_fraction_digits_);
        bool const is_grouped = numeral.separator != Numeral::kNoSeparator;
        if (is_padded | is_long | is_grouped) judge_closely(text, numeral, bare, exempt);
    }
    void judge_closely(std::string_view text, Numeral& numeral, bool bare, Exempt& exempt) const;
    [[noreturn]] void refuse_overflow(Numeral const& numeral) const;
    // Digits of an exponent at `at`: the run behind e or E and a sign.
    static Span exponent_at(std::string_view text, std::size_t at) noexcept {
        if (at >= text.size() || (text[at] | 0x20) != 'e') return {};
        std::size_t begin = at + 1;
        if (begin < text.size() && (text[begin] == '+' || text[begin] == '-')) ++begin;
        if (begin >= text.size() || !is_digit(text[begin])) return {};
        return {begin, run_end(text, begin)};
    }

    // Takes the number that begins with the digit at `at`; returns where to go on.
    template <class Sink>
    std::size_t numerals_at(std::string_view text, std::size_t at, Exempt& exempt,
                            Sink& sink) const {
        if (is_letter_behind(text, at) && text[at] == '0') [[unlikely]] {
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
        } else if (!in_chain && may_be_grouped(text, at, chain.int_end) &&
                   grouped_at(text, at, chain.int_end, numeral)) {
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
    EasyRules easy_rules_;
    bool takes_separators_;
    bool limited_;  // long numerals are plain or an error
    // Numerals of up to so many digits are not plain, if nothing else makes them so.
    std::size_t sure_integer_digits_ = 0, sure_fraction_digits_ = 0;
    std::vector<stages::Pattern> exempt_;
    simd::ByteSearch digits_;
    // Of each byte: whether a separator may begin or end with it.
    bool begins_separator_[256] = {};
    bool ends_separator_[256] = {};
};

}  // namespace tokmill::numbers
