// Named sets of code points, unpacked when they are first asked for.
#include "unicode/scripts.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "core/lazy.h"
#include "unicode/properties.h"

namespace tokmill::unicode {

namespace {

// A set is the union of the general categories in `categories` (bit number = Category), except that
// membership is the opposite inside of `exceptions` ranges. The ranges of all sets follow one
// another in kGaps, two numbers each: the distance from the end of the set's previous range, and
// the length.
struct SetSource {
    std::uint32_t categories;
    std::uint32_t exceptions;
};

// Numbers of the sets that a name has in the two dialects.
struct Name {
    std::string_view name;
    std::uint16_t onig;
    std::uint16_t fancy;
};

constexpr std::uint16_t kNone = 0xFFFF;

#include "unicode/property_sets.inc"

constexpr std::size_t kSetCount = std::size(kSets);

// Where the numbers of each set begin in kGaps.
constexpr std::array<std::uint32_t, kSetCount> gap_starts() {
    std::array<std::uint32_t, kSetCount> starts{};
    std::uint32_t next = 0;
    for (std::size_t set = 0; set < kSetCount; ++set) {
        starts[set] = next;
        next += 2 * kSets[set].exceptions;
    }
    return starts;
}

constexpr auto kGapStarts = gap_starts();

// Appends [first, end) to sorted ranges, joining it to the last one if they touch.
void append(std::vector<CodePointRange>& ranges, std::uint32_t first, std::uint32_t end) {
    if (first == end) return;
    if (!ranges.empty() && ranges.back().last + 1 == first) {
        ranges.back().last = end - 1;
    } else {
        ranges.push_back({first, end - 1});
    }
}

// Appends the code points of [first, end) whose category is in the mask.
void append_categories(std::vector<CodePointRange>& ranges, std::uint32_t mask, std::uint32_t first,
                       std::uint32_t end) {
    if (mask == 0) return;
    auto const is_member = [mask](std::uint32_t code_point) {
        return (mask >> static_cast<unsigned>(category(code_point)) & 1) != 0;
    };
    while (first < end) {
        while (first < end && !is_member(first)) ++first;
        std::uint32_t const begin = first;
        while (first < end && is_member(first)) ++first;
        append(ranges, begin, first);
    }
}

std::vector<CodePointRange> unpack(std::size_t set) {
    SetSource const source = kSets[set];
    constexpr std::uint32_t kAllCategories = (1u << 30) - 1;
    constexpr std::uint32_t kSurrogates = 1u << static_cast<unsigned>(Category::Cs);
    std::uint32_t const mask = source.categories & ~kSurrogates;
    std::uint32_t const opposite = ~mask & kAllCategories & ~kSurrogates;
    std::vector<CodePointRange> ranges;
    std::uint32_t position = 0;
    for (std::uint32_t i = 0; i < source.exceptions; ++i) {
        std::uint32_t const* gap = &kGaps[kGapStarts[set] + 2 * i];
        append_categories(ranges, mask, position, position + gap[0]);
        position += gap[0];
        append_categories(ranges, opposite, position, position + gap[1]);
        position += gap[1];
    }
    append_categories(ranges, mask, position, kCodeSpace);
    return ranges;
}

CodePointSet unpacked(std::size_t set) {
    static std::array<Lazy<std::vector<CodePointRange>>, kSetCount> sets;
    return sets[set].get([set] { return unpack(set); });
}

std::optional<CodePointSet> find(std::string_view name, regex::Dialect dialect) {
    auto const* found = std::ranges::lower_bound(kNames, name, {}, &Name::name);
    if (found == std::end(kNames) || found->name != name) return std::nullopt;
    std::uint16_t const set = dialect == regex::Dialect::onig ? found->onig : found->fancy;
    if (set == kNone) return std::nullopt;
    return unpacked(set);
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::optional<CodePointSet> find_property(std::string_view name, regex::Dialect dialect) {
    std::string key;
    for (char c : name) {
        if (c == '_' || c == ' ' || c == '-') continue;
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (!is_alphanumeric(c)) return std::nullopt;
        key += c;
    }
    return find(key, dialect);
}

std::optional<CodePointSet> find_posix_class(std::string_view name, regex::Dialect dialect) {
    return find(":" + std::string(name) + ":", dialect);
}

CodePointSet word_characters(regex::Dialect dialect, bool in_brackets) {
    return *find(in_brackets ? "[\\w]" : "\\w", dialect);
}

}  // namespace tokmill::unicode
