// Where a text may be cut so that the ids of the parts (units), one behind the other, are those of
// the whole. Units are what the general pipeline remembers, as the byte-level one remembers words.
//
// Two arguments are used (docs/units.md):
// - Stages that work character by character and split at white space never look across a space.
//   A unit begins with the first of some spaces, behind a solid character: one that no normalizer
//   removes or turns into white space.
// - BPE over a whole text only ever joins neighbours into a token. Where no token holds the two
//   characters side by side, nothing is joined.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "normalizers/normalizer.h"

namespace tokmill::stages {

// What stands for a space in tokens.
inline constexpr std::uint32_t kSpaceMark = 0x2581;

// What ASCII characters are to a cutter.
enum class AsciiClass : std::uint8_t { space, line_feed, letter, digit, sign };
inline constexpr std::size_t kAsciiClasses = 5;

// A set of pairs of characters, the space and U+2581 being one, that may say yes to pairs that are
// not in it. Only the pairs are in it that a cutter asks for: those with a space or a line feed,
// and those of two characters outside ASCII of which the second one takes three bytes or more.
class PairFilter {
 public:
    // Adds all neighbours in a text.
    void add(std::string_view text);
    // Whether no text had a character of the second class behind one of the first (exactly).
    bool never_meet(AsciiClass first, AsciiClass second) const noexcept {
        return !met_[static_cast<std::size_t>(first)][static_cast<std::size_t>(second)];
    }
    // To be called between the last add() and the first may_hold().
    void finish();
    bool may_hold(std::uint32_t first, std::uint32_t second) const noexcept {
        std::uint64_t const bit = product(first, second) >> shift_;
        return bits_[bit >> 6] >> (bit & 63) & 1;
    }

 private:
    static std::uint64_t product(std::uint32_t first, std::uint32_t second) noexcept {
        return (std::uint64_t{first} << 21 | second) * 0x9E3779B97F4A7C15u;
    }
    std::vector<std::uint64_t> products_;  // until finish()
    std::vector<std::uint64_t> bits_;
    unsigned shift_ = 0;
    bool met_[kAsciiClasses][kAsciiClasses] = {};
};

// Characters that never become part of a token with others.
class LoneCharacters {
 public:
    // A bit for each code point, or nothing at all.
    explicit LoneCharacters(std::vector<std::uint64_t> bits) : bits_(std::move(bits)) {}

    bool hold(std::uint32_t code_point) const noexcept {
        return !bits_.empty() && (bits_[code_point >> 6] >> (code_point & 63) & 1);
    }
    // Whether a unit begins with one. Only those of three bytes and more count.
    bool begin(std::string_view unit) const noexcept;

 private:
    std::vector<std::uint64_t> bits_;
};

// Whether a character stays, and stays other than white space, when it is normalized. Found out for
// each when it is met first.
class SolidCharacters {
 public:
    explicit SolidCharacters(NormalizerPtr normalizer);

    // The character that ends at `end`, together with the marks that it may end with.
    bool before(unsigned char const* begin, unsigned char const* end) const;
    // Whether all graphic ASCII characters are solid: the cutter does not ask for these.
    bool hold_ascii() const;

 private:
    bool holds(std::uint32_t code_point) const;
    bool find_out(std::uint32_t code_point) const;

    NormalizerPtr normalizer_;
    std::unique_ptr<std::atomic<std::uint8_t>[]> known_;  // 0: not yet; 1: no; 2: yes
};

struct UnitRules {
    // Cut at spaces by the first argument; otherwise by the second one.
    bool at_spaces = true;
    bool at_line_breaks = false;  // line feeds, carriage returns and tabs as well
    bool at_ideographs = false;   // CJK ideographs are units of their own
    std::shared_ptr<SolidCharacters const> solid;
    // For the second argument: the pairs in tokens, U+2581 standing for the space.
    std::shared_ptr<PairFilter const> pairs;
    // Several of these make one unit: each alone would not be worth it.
    std::shared_ptr<LoneCharacters const> lone;
};

class UnitCutter {
 public:
    explicit UnitCutter(UnitRules rules);

    UnitRules const& rules() const noexcept { return rules_; }

    // Whether the text may be cut before the character at `at`; for rules of pairs. There is a
    // character before it.
    bool can_cut(unsigned char const* at) const;

    // Writes the starts of consecutive units as offsets from `base` and moves `cursor`, which must
    // be at the start of a unit, to the end of the last one; returns their number. Stops at `end`
    // or when fewer than 64 places are left of `capacity` (at least 128). Valid UTF-8.
    std::size_t cut(unsigned char const* base, unsigned char const*& cursor,
                    unsigned char const* end, std::uint32_t* starts, std::size_t capacity) const;

 private:
    struct Window;
    struct OpenUnit;
    std::uint64_t cuts(Window const& window, OpenUnit& open) const;
    std::uint64_t cuts_at_spaces(Window const& window) const;
    std::uint64_t cuts_at_ideographs(Window const& window) const;
    // Whether there may be a token with the two side by side.
    bool may_meet(std::uint32_t before, std::uint32_t behind) const;
    std::uint64_t cuts_between_classes(Window const& window) const;
    std::uint64_t cuts_between_pairs(Window const& window, OpenUnit& open) const;
    std::uint64_t cuts_in_scripts(Window const& window, std::uint64_t candidates,
                                  std::uint64_t sure, OpenUnit& open) const;

    UnitRules rules_;
    // All bits are set for two classes that no token holds side by side, if a cut there is wanted.
    std::uint64_t cuts_[kAsciiClasses][kAsciiClasses] = {};
};

}  // namespace tokmill::stages
