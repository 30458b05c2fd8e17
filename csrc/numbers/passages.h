// Passages: text from behind one number to behind a later one, long enough to be worth remembering
// with its ids. A base tokenizer that remembers whole lines of a table is not to be slowed down by
// numbers that are looked at one by one each time.
//
// A passage becomes the same ids wherever it stands, if it ends where this class says. The grammar
// never looks back beyond the digit that a passage follows: a character that is not a digit and
// the digit before it is the most that matters to it. And it does not look beyond the end, because
// there stands
// - what neither continues a number nor is a separator or the point,
// - a separator or the point without a digit behind, or
// - a separator behind four or more digits: these are in no group of thousands.
// So what is at work in a passage is known from its bytes alone: which of its digits are numbers,
// up to its last number, and which are left to the base. Behind the last number there may be some
// of the latter; these, then, are not a part of what is remembered.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "numbers/scheme.h"
#include "simd/byte_search.h"

namespace tokmill::numbers {

class PassageEnds {
 public:
    explicit PassageEnds(Scheme const& scheme);

    // Whether nothing but the passage itself decides what its digits become.
    bool exist() const noexcept { return exist_; }
    // The end of a passage that begins at `begin`, if there is one near enough. `looked` is where
    // searches in this text have come to: each number is looked at once.
    std::optional<std::size_t> find(std::string_view text, std::size_t begin,
                                    std::size_t& looked) const noexcept;

 private:
    // Whether a passage can end here, behind a digit.
    bool can_be(std::string_view text, std::size_t place) const noexcept;

    bool exist_;
    bool is_separator_[256] = {};  // of those that are ASCII
    simd::ByteSearch numbers_;     // their last digits
};

}  // namespace tokmill::numbers
