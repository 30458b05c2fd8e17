// Easy numerals: read from bit masks of the bytes, without a branch that depends on how many digits
// there are. What is harder to judge than most (leading zeros, exponents, thousands separators,
// literals, long numerals) is left to the Grammar.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "numbers/scheme.h"

namespace tokmill::numbers {

// What is easy to judge in a scheme.
struct EasyRules {
    // What bytes mean in front of a numeral or behind it.
    static constexpr std::uint8_t kHard = 1;         // the Grammar has to look
    static constexpr std::uint8_t kSeparates = 2;    // it may stand between groups of thousands
    static constexpr std::uint8_t kBlocksPoint = 4;  // in front: it keeps a point from leading
    // So many digits before the point and behind it are easy.
    static constexpr std::uint32_t kMostInteger = 6, kMostFraction = 15;

    explicit EasyRules(Scheme const& scheme);

    bool apply;  // else nothing is easy
    char point;
    std::uint32_t most_fraction;
    std::uint8_t in_front[256] = {};
    std::uint8_t behind[256] = {};
};

// Goes from numeral to numeral while they are easy.
class EasyNumerals {
 public:
    struct Found {
        char const* digits;      // the memory behind the numeral can be read, too
        std::size_t begin;       // in the text
        std::uint32_t integer;   // how many digits: 0 to kMostInteger
        std::uint32_t fraction;  // 0 to kMostFraction; not both are 0
        std::uint32_t size() const noexcept { return integer + fraction + (fraction != 0); }
        std::size_t end() const noexcept { return begin + size(); }
    };

    // Behind the numeral that ends at `at`. The rules must apply.
    EasyNumerals(EasyRules const& rules, std::string_view text, std::size_t at)
        : rules_(rules), text_(text) {
        load(at);
    }

    enum class Next : std::uint8_t { easy, hard, far };

    // Whether the next numeral is easy, or has to be looked at by the Grammar, or is not within a
    // few bytes: not before reached().
    Next next(Found& found) noexcept {
        if (used_ > kLastUse) load(begin_ + used_);
        std::uint64_t const ahead = digits_ >> used_;
        if ((ahead & kReach) == 0) return Next::far;
        auto gap = static_cast<std::uint32_t>(std::countr_zero(ahead));
        // It may begin with the point.
        bool const leads = points_ >> used_ << 1 >> gap & (gap > 1);
        gap -= leads;
        std::uint64_t const from_first = ahead >> gap;
        auto const integer = static_cast<std::uint32_t>(std::countr_one(from_first));
        if (gap == 0 || integer > EasyRules::kMostInteger) return Next::hard;
        bool const has_point = points_ >> (used_ + gap + integer) & 1;
        auto const behind_point =
            static_cast<std::uint32_t>(std::countr_one(from_first >> (integer + 1)));
        found.fraction = has_point ? behind_point : 0;
        if (found.fraction > rules_.most_fraction) return Next::hard;
        found.integer = integer;
        found.begin = begin_ + used_ + gap;
        found.digits = bytes_ + used_ + gap;
        if (!is_easy(found, gap, from_first)) return Next::hard;
        used_ += gap + found.size();
        return Next::easy;
    }
    std::size_t reached() const noexcept { return std::min(begin_ + used_ + kNear, text_.size()); }
    // The next numeral has its first digit there, at reached() or behind it.
    void skip_to(std::size_t digit) noexcept { load(digit - 2); }

 private:
    static constexpr std::size_t kBlock = 64;
    // A numeral whose gap begins here at the latest, and four bytes behind it, are in the block.
    static constexpr std::uint32_t kLastUse = 24;
    // So many bytes are close.
    static constexpr std::uint32_t kNear = 12;
    static constexpr std::uint64_t kReach = (std::uint64_t{1} << kNear) - 1;

    void load(std::size_t at) noexcept;

    // `gap`: bytes between it and what is done with. `from_first`: which bytes are digits, from its
    // first on.
    bool is_easy(Found const& found, std::uint32_t gap, std::uint64_t from_first) const noexcept {
        std::uint32_t const size = found.size();
        std::uint32_t const end = used_ + gap + size;
        std::uint8_t const front = rules_.in_front[static_cast<unsigned char>(found.digits[-1])];
        std::uint8_t const behind = rules_.behind[static_cast<unsigned char>(found.digits[size])];
        std::uint64_t const digits_behind = from_first >> (size + 1);
        bool const is_padded = (*found.digits == '0') & (found.integer > 1);
        bool const has_second_point = points_ >> end & digits_behind & 1;
        // Groups of thousands go on with three digits, and do not begin behind such a separator.
        bool const is_behind_group = ((front & EasyRules::kSeparates) != 0) & (gap == 1);
        bool const is_before_group = ((behind & EasyRules::kSeparates) != 0) &
                                     ((digits_behind & 0xF) == 0x7) & (found.fraction == 0);
        bool const is_grouped = is_before_group & !is_behind_group;
        // All of it at once, because each of them is hard to predict.
        bool const is_blocked = ((front & EasyRules::kBlocksPoint) != 0) & (found.integer == 0);
        bool const is_hard = (((front | behind) & EasyRules::kHard) != 0) | is_blocked;
        return !(is_hard | is_padded | has_second_point | is_grouped);
    }

    EasyRules const& rules_;
    std::string_view text_;
    std::size_t begin_ = 0;        // of the block in the text
    std::uint32_t used_ = 0;       // bytes of the block
    char const* bytes_ = nullptr;  // of the block
    std::uint64_t digits_ = 0, points_ = 0;
    char last_[kBlock + 8];  // a block at the end of the text
};

}  // namespace tokmill::numbers
