// Where a word can be cut without changing its merging.
//
// A merge across a place in the text makes a token that spans the place. So if no token can span
// the boundary between two characters, both sides may be merged on their own. This table answers,
// for two neighbouring characters of which at least one is not ASCII, whether some token might:
// "no" is certain, "yes" may be wrong. In Chinese or Japanese, where pre-tokens are whole clauses,
// it cuts them into pieces of a few characters, most of which the word table knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/array.h"
#include "core/inline.h"
#include "core/span.h"

namespace tokmill {

class Junctions {
 public:
    // All tokens that merging can form.
    explicit Junctions(std::span<std::string_view const> tokens = {});
    explicit Junctions(Array<std::uint64_t> bits);  // snapshot form: a power of two
    Array<std::uint64_t> const& bits() const noexcept { return bits_; }

    // Appends the pieces of `word` (valid UTF-8), cut wherever that is certain to be harmless.
    void cut(std::string_view word, std::vector<Span>& pieces) const;

 private:
    // A character or the part of it that a token holds, so tagged that the kinds differ.
    struct Side {
        std::uint32_t whole, part;
    };
    bool may_join(Side left, Side right) const noexcept;
    bool test(std::uint32_t left, std::uint32_t right) const noexcept {
        std::size_t const i = place(left, right);
        return bits_[i / 64] >> i % 64 & 1;
    }
    std::size_t place(std::uint32_t left, std::uint32_t right) const noexcept {
        std::uint64_t const key = std::uint64_t{left} << 32 | right;
        return static_cast<std::size_t>((key ^ key >> 29) * 0x9E3779B97F4A7C15u >> shift_);
    }
    void attach() noexcept;

    Array<std::uint64_t> bits_;
    unsigned shift_ = 63;
};

}  // namespace tokmill
