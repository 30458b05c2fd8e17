// Sets by name, out of the generated tables.
#include "regex/named_sets.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "unicode/scripts.h"

namespace tokmill::regex {

namespace {

CodePointSet from_table(unicode::CodePointSet ranges) {
    return CodePointSet(std::vector<CodePointRange>(ranges.begin(), ranges.end()));
}

std::optional<CodePointSet> from_table(std::optional<unicode::CodePointSet> ranges) {
    if (!ranges) return std::nullopt;
    return from_table(*ranges);
}

std::string normalize(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c == ' ' || c == '_' || c == '-') continue;
        result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

// Between brackets fancy-regex replaces these names by fragments of class text whose meaning
// depends on what stands around them.
bool is_spliced(std::string_view name, bool negated) {
    if (name == "graph" || name == "print") return true;
    return negated && (name == "alnum" || name == "blank" || name == "cntrl");
}

}  // namespace

CodePointSet shorthand_set(Shorthand shorthand, Dialect dialect, bool in_class) {
    switch (shorthand) {
        case Shorthand::digit:
            return *from_table(unicode::find_property("nd", dialect));
        case Shorthand::space:
            return *from_table(unicode::find_property("whitespace", dialect));
        case Shorthand::word:
            return from_table(unicode::word_characters(dialect, in_class));
        case Shorthand::hex_digit:
            return CodePointSet({{'0', '9'}, {'A', 'F'}, {'a', 'f'}});
    }
    return {};
}

std::optional<CodePointSet> property_set(std::string_view name, Dialect dialect, bool in_class,
                                         bool negated) {
    std::string const normalized = normalize(name);
    if (normalized == "word") return shorthand_set(Shorthand::word, dialect, in_class);
    if (dialect == Dialect::fancy && in_class && is_spliced(normalized, negated))
        return std::nullopt;
    return from_table(unicode::find_property(name, dialect));
}

std::optional<CodePointSet> posix_set(std::string_view name, Dialect dialect) {
    return from_table(unicode::find_posix_class(name, dialect));
}

}  // namespace tokmill::regex
