// Cuts one numeral into the groups of a scheme with magnitudes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "numbers/grammar.h"
#include "numbers/scheme.h"

namespace tokmill::numbers {

class GroupCutter {
 public:
    explicit GroupCutter(Scheme const& scheme)
        : grid_(scheme),
          group_(scheme.group),
          block_(scheme.overflow == Overflow::horner ? grid_.block() : kUnlimited),
          fraction_block_(scheme.overflow == Overflow::horner
                              ? scheme.fraction_digits / scheme.group
                              : kUnlimited) {
        for (std::string const& separator : scheme.separators) {
            separator_sizes_.push_back(separator.size());
        }
    }

    Grid const& grid() const noexcept { return grid_; }

    // Calls, from left to right:
    //   integer(span, group, leading)     digits of a group of the grid; leading: the first ones
    //   separator(span)                   between two groups
    //   point(position)
    //   fraction(span, depth)             depth 0 is directly behind the point
    //   block(position)                   between blocks (Overflow::horner)
    template <class Visitor>
    void cut(std::string_view text, Numeral const& numeral, Visitor& visit) const {
        if (numeral.has_integer()) cut_integer(text, numeral, visit);
        if (!numeral.has_fraction()) return;
        visit.point(numeral.frac_begin - 1);
        std::uint32_t depth = 0;
        for (std::size_t at = numeral.frac_begin; at < numeral.end;) {
            if (depth == fraction_block_) {
                visit.block(at);
                depth = 0;
            }
            std::size_t const size = std::min<std::size_t>(group_, numeral.end - at);
            visit.fraction(Span{at, at + size}, depth++);
            at += size;
        }
    }

 private:
    static constexpr std::uint32_t kUnlimited = 0xFFFFFFFF;

    template <class Visitor>
    void cut_integer(std::string_view text, Numeral const& numeral, Visitor& visit) const {
        std::size_t const separator_size =
            numeral.separator == Numeral::kNoSeparator ? 0 : separator_sizes_[numeral.separator];
        std::size_t left = numeral.int_digits;
        std::size_t at = numeral.begin;
        for (bool leading = true;; leading = false) {
            std::size_t const in_block = block_ == kUnlimited ? left : (left - 1) % block_ + 1;
            std::uint32_t const group = grid_.group_of(static_cast<std::uint32_t>(in_block));
            std::size_t const size = in_block - grid_.low(group);
            visit.integer(Span{at, at + size}, group, leading);
            at += size;
            left -= size;
            if (left == 0) return;
            if (group == 0) visit.block(at);
            if (!Grammar::is_digit(text[at])) {
                visit.separator(Span{at, at + separator_size});
                at += separator_size;
            }
        }
    }

    Grid grid_;
    std::uint32_t group_;
    std::uint32_t block_;
    std::uint32_t fraction_block_;
    std::vector<std::size_t> separator_sizes_;
};

}  // namespace tokmill::numbers
