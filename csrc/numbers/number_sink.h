// What becomes of each numeral: it goes group by group to a target, and what lies between numbers
// in parts for the base tokenizer. The target has
//   void number(std::uint32_t index, Span place)    a token of the number vocabulary
//   void segment(Segment const&)
//   bool full()
// and may, if its kTakesTriads says so, take all digits before or behind the point at once:
//   void integer_triads(std::string_view digits)
//   void fraction_triads(std::string_view digits)
// and, if its kRemembers says so, put the tokens of the text behind a number itself, up to behind a
// later number:
//   BehindNumber behind_number(std::string_view text, std::size_t end)
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "numbers/base_segments.h"
#include "numbers/grammar.h"
#include "numbers/groups.h"
#include "numbers/vocabulary.h"

namespace tokmill::numbers {

// What a target has put behind a number: the end of it, and from where on there may be digits.
struct BehindNumber {
    std::size_t end, next;
};

template <class Target>
class NumberSink {
 public:
    // `text`: all of it. in_stretches: not all of it is looked at for numbers.
    NumberSink(std::string_view text, bool is_ascii, bool in_stretches,
               NumberVocabulary const& vocabulary, GroupCutter const& cutter,
               BaseSegments const& segments, Target& target)
        : text_(text),
          is_ascii_(is_ascii),
          in_stretches_(in_stretches),
          vocabulary_(vocabulary),
          scheme_(vocabulary.scheme()),
          cutter_(cutter),
          segments_(segments),
          target_(target),
          has_triads_(numbers::has_triads(scheme_)) {}

    bool full() const { return target_.full(); }
    // Numerals from now on are told by their places in the text behind `begin`.
    void start_stretch(std::size_t begin) noexcept { origin_ = begin; }
    // Where the scan is to go on behind the numbers that end at `end`.
    std::size_t resume(std::size_t end) {
        if constexpr (Target::kRemembers) {
            // Not behind digits that are left to the base.
            if (!in_stretches_ && done_ == end) {
                BehindNumber const behind = target_.behind_number(text_, end);
                done_ = behind.end;
                return behind.next;
            }
        }
        return end;
    }
    // The rest of the text.
    void finish() { text_until(text_.size(), true); }

    void numeral(Numeral const& found) {
        if (segments_.joins(text_.substr(0, found.begin + origin_))) return;
        switch (scheme_.policy) {
            case Policy::triadic:
            case Policy::regression:
                if (found.plain != Plain::no) return;
                break;
            case Policy::left:
            case Policy::right:
                if (found.plain == Plain::exempt || found.plain == Plain::few) return;
                return runs(shifted(found));
            case Policy::reversed:
                if (found.plain == Plain::no && found.has_integer()) reversed(shifted(found));
                return;
        }
        if constexpr (Target::kTakesTriads) {
            if (has_triads_ && found.separator == Numeral::kNoSeparator) return triads(found);
        }
        Numeral const numeral = shifted(found);
        text_until(numeral.begin, false);
        cutter_.cut(text_, numeral, *this);
        done_ = numeral.end;
    }

    // --- groups with magnitudes, from GroupCutter ----------------------------------------------

    void integer(Span span, std::uint32_t group, bool leading) {
        std::string_view const digits = at(span);
        if (leading && scheme_.mode == Mode::context && digits[0] == '0' && digits.size() > 1) {
            std::size_t const zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
            target_.number(vocabulary_.lead_zeros(zeros), {span.begin, span.begin});
        }
        if (scheme_.variant == Variant::token) {
            return target_.number(vocabulary_.integer(group, digits), span);
        }
        if (group == 0) return target_.number(vocabulary_.digits(digits), span);
        marked(vocabulary_.digits(digits), vocabulary_.integer_marker(group), span);
    }
    void fraction(Span span, std::uint32_t depth) {
        std::string_view const digits = at(span);
        std::uint32_t const size = vocabulary_.fraction_size(depth);
        if (scheme_.mode == Mode::context && digits.size() < size) {
            target_.number(vocabulary_.drop_zeros(size - digits.size()), {span.begin, span.begin});
        }
        if (scheme_.variant == Variant::token) {
            bool const with_point = scheme_.policy == Policy::regression && depth == 0;
            if (with_point) --span.begin;
            return target_.number(vocabulary_.fraction(depth, digits), span);
        }
        marked(vocabulary_.fraction_digits(depth, digits), vocabulary_.fraction_marker(depth),
               span);
    }
    void separator(Span span) { part(span, false); }
    void point(std::size_t place) {
        if (scheme_.policy != Policy::regression) part({place, place + 1}, false);
    }
    void block(std::size_t place) { target_.number(vocabulary_.block(), {place, place}); }

 private:
    Numeral shifted(Numeral numeral) const noexcept {
        if (origin_ == 0) [[likely]]
            return numeral;
        numeral.begin += origin_;
        numeral.end += origin_;
        numeral.int_end += origin_;
        numeral.frac_begin += origin_;
        return numeral;
    }
    std::string_view at(Span span) const { return {text_.data() + span.begin, span.size()}; }

    void text_until(std::size_t end, bool at_end) {
        if (end > done_) part({done_, end}, at_end);
        done_ = end;
    }
    void part(Span span, bool at_end) {
        target_.segment(Segment{at(span), span.begin, span.begin == 0, at_end, is_ascii_});
    }
    void marked(std::uint32_t digits, std::uint32_t marker, Span span) {
        if (scheme_.marker_first) target_.number(marker, {span.begin, span.begin});
        target_.number(digits, span);
        if (!scheme_.marker_first) target_.number(marker, {span.end, span.end});
    }

    // What GroupCutter does, for nearly all numerals.
    void triads(Numeral const& numeral) {
        std::size_t const begin = numeral.begin + origin_;
        std::size_t const end = numeral.end + origin_;
        text_until(begin, false);
        if (numeral.int_digits != 0) {
            target_.integer_triads(at({begin, begin + numeral.int_digits}));
        }
        if (numeral.has_fraction()) {
            std::size_t const first = numeral.frac_begin + origin_;
            part({first - 1, first}, false);
            target_.fraction_triads(at({first, end}));
        }
        done_ = end;
    }

    // Each run of digits in groups; a fraction always from the left.
    void runs(Numeral const& numeral) {
        for (std::size_t begin = numeral.begin; begin < numeral.end;) {
            if (!Grammar::is_digit(text_[begin])) {
                ++begin;
                continue;
            }
            std::size_t end = begin;
            while (end < numeral.end && Grammar::is_digit(text_[end])) ++end;
            text_until(begin, false);
            bool const from_right = scheme_.policy == Policy::right && begin < numeral.int_end;
            std::size_t size = from_right ? (end - begin - 1) % scheme_.group + 1 : scheme_.group;
            while (begin < end) {
                size = std::min(size, end - begin);
                Span const span{begin, begin + size};
                target_.number(vocabulary_.digits(at(span)), span);
                begin += size;
                size = scheme_.group;
            }
            done_ = end;
        }
    }

    void reversed(Numeral const& numeral) {
        text_until(numeral.begin, false);
        bool is_units = true;
        for (std::size_t end = numeral.int_end; end > numeral.begin;) {
            char const last = text_[end - 1];
            if (Grammar::is_digit(last)) {
                target_.number(is_units ? vocabulary_.units(last) : vocabulary_.higher(last),
                               {end - 1, end});
                is_units = false;
                --end;
                continue;
            }
            std::size_t const size = scheme_.separators[numeral.separator].size();
            target_.number(vocabulary_.separator(numeral.separator), {end - size, end});
            end -= size;
        }
        done_ = numeral.int_end;
    }

    std::string_view text_;
    bool is_ascii_;
    bool in_stretches_;
    NumberVocabulary const& vocabulary_;
    Scheme const& scheme_;
    GroupCutter const& cutter_;
    BaseSegments const& segments_;
    Target& target_;
    bool has_triads_;
    std::size_t origin_ = 0;
    std::size_t done_ = 0;
};

}  // namespace tokmill::numbers
