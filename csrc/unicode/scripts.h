// Named sets of code points: scripts, binary properties, general categories, blocks and POSIX
// classes, exactly as the two regex engines define them (see tools/gen_unicode.py).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "regex/dialect.h"

namespace tokmill::unicode {

struct CodePointRange {
    std::uint32_t first;
    std::uint32_t last;  // inclusive

    bool operator==(CodePointRange const&) const = default;
};

// Sorted, disjoint ranges that stay valid for the life of the program. They never hold surrogates.
using CodePointSet = std::span<CodePointRange const>;

// \p{name}; nullopt if the engine does not know the name. Case, '_', ' ' and '-' are ignored.
// In the onig dialect "word" is what \p{Word} means outside of brackets.
std::optional<CodePointSet> find_property(std::string_view name, regex::Dialect dialect);

// [[:name:]], which the fancy dialect restricts to ASCII and whose onig form of "punct" has more
// members than \p{Punct}. The name is exact (lower case); nullopt if the engine does not know it.
std::optional<CodePointSet> find_posix_class(std::string_view name, regex::Dialect dialect);

// \w. Onig counts six superscripts and fractions of Latin-1 (U+00B2, ...) as word characters
// outside of brackets (\w, \W, \p{Word}, \P{Word}, and in \b and \B) but not within ([\w], [^\w],
// [\p{Word}]).
CodePointSet word_characters(regex::Dialect dialect, bool in_brackets);

}  // namespace tokmill::unicode
