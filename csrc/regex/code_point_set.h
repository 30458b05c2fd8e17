// A set of Unicode scalar values: what one step of a pattern may consume.
#pragma once

#include <cstdint>
#include <vector>

#include "unicode/scripts.h"

namespace tokmill::regex {

using unicode::CodePointRange;

inline constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
inline constexpr std::uint32_t kFirstSurrogate = 0xD800;
inline constexpr std::uint32_t kLastSurrogate = 0xDFFF;

// Sorted, disjoint, non-adjacent inclusive ranges. Surrogates are never members: they cannot occur
// in valid UTF-8, and leaving them out makes equal sets compare equal.
class CodePointSet {
 public:
    CodePointSet() = default;
    // In any order, overlapping or not.
    explicit CodePointSet(std::vector<CodePointRange> ranges);

    static CodePointSet all();
    static CodePointSet of(std::uint32_t code_point) {
        return CodePointSet({{code_point, code_point}});
    }

    std::vector<CodePointRange> const& ranges() const noexcept { return ranges_; }
    bool empty() const noexcept { return ranges_.empty(); }
    std::size_t size() const noexcept;
    bool contains(std::uint32_t code_point) const noexcept;

    bool operator==(CodePointSet const& other) const noexcept;

 private:
    std::vector<CodePointRange> ranges_;
};

CodePointSet unite(CodePointSet const& a, CodePointSet const& b);
CodePointSet intersect(CodePointSet const& a, CodePointSet const& b);
CodePointSet complement(CodePointSet const& a);
CodePointSet subtract(CodePointSet const& a, CodePointSet const& b);
bool disjoint(CodePointSet const& a, CodePointSet const& b);

}  // namespace tokmill::regex
