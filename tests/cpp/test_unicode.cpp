// Properties, named sets and case classes: totals that identify the versions of the references, the
// differences between the two regex engines, and consistency between the tables.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "check.h"
#include "unicode/case_fold.h"
#include "unicode/properties.h"
#include "unicode/scripts.h"

namespace {

using namespace tokmill;
using regex::Dialect;
using unicode::Category;
using unicode::kCodeSpace;

template <class Predicate>
std::size_t count_code_points(Predicate predicate) {
    std::size_t count = 0;
    for (std::uint32_t c = 0; c < kCodeSpace; ++c) count += predicate(c) ? 1 : 0;
    return count;
}

std::size_t size_of(unicode::CodePointSet set) {
    std::size_t size = 0;
    for (auto const& range : set) size += range.last - range.first + 1;
    return size;
}

bool contains(unicode::CodePointSet set, std::uint32_t code_point) {
    return std::ranges::any_of(set, [=](unicode::CodePointRange range) {
        return range.first <= code_point && code_point <= range.last;
    });
}

std::size_t property_size(std::string_view name, Dialect dialect) {
    auto const set = unicode::find_property(name, dialect);
    return set ? size_of(*set) : 0;
}

bool is_category(std::uint32_t code_point, Category category) {
    return unicode::category(code_point) == category;
}

}  // namespace

TEST(category_totals_of_unicode_16) {
    CHECK_EQ(count_code_points([](auto c) { return unicode::is_letter(unicode::category(c)); }),
             141028);
    CHECK_EQ(count_code_points([](auto c) { return unicode::is_number(unicode::category(c)); }),
             1911);
    CHECK_EQ(count_code_points([](auto c) { return unicode::is_mark(unicode::category(c)); }),
             2501);
    CHECK_EQ(count_code_points(unicode::is_white_space), 25);
    CHECK_EQ(count_code_points(unicode::is_rust_numeric), 1924);
    CHECK_EQ(count_code_points(unicode::is_rust_word), 144667);
}

TEST(category_of_single_code_points) {
    CHECK(is_category('A', Category::Lu));
    CHECK(is_category(0x4E00, Category::Lo));
    CHECK(is_category(0x200D, Category::Cf));
    CHECK(is_category(0xD800, Category::Cs));
    CHECK(is_category(0xDFFF, Category::Cs));
    CHECK(is_category(0xE000, Category::Co));
    CHECK(is_category(0x10FFFF, Category::Cn));
    // Assigned in Unicode 17 only.
    CHECK(is_category(0x323B0, Category::Cn));
}

TEST(values_beyond_the_code_space_are_unassigned) {
    for (std::uint32_t c : {0x110000u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
        CHECK(is_category(c, Category::Cn));
        CHECK(!unicode::is_white_space(c));
        CHECK(!unicode::is_rust_word(c));
    }
}

TEST(numeric_is_newer_than_the_categories) {
    CHECK(unicode::is_rust_numeric(0x11DE0));
    CHECK(is_category(0x11DE0, Category::Cn));
}

TEST(property_names_ignore_case_and_separators) {
    for (Dialect dialect : {Dialect::onig, Dialect::fancy}) {
        CHECK(unicode::find_property("Uppercase_Letter", dialect).has_value());
        CHECK(unicode::find_property("uppercase letter", dialect).has_value());
        CHECK_EQ(property_size("lu", dialect), property_size("UPPERCASE-LETTER", dialect));
        CHECK(!unicode::find_property("nosuchproperty", dialect).has_value());
        CHECK(!unicode::find_property("", dialect).has_value());
        CHECK(!unicode::find_property("L&", dialect).has_value());
        // The table's own keys for other things cannot be reached as properties.
        CHECK(!unicode::find_property("\\w", dialect).has_value());
        CHECK(!unicode::find_property(":punct:", dialect).has_value());
    }
}

TEST(scripts_by_long_and_short_name) {
    for (Dialect dialect : {Dialect::onig, Dialect::fancy}) {
        CHECK_EQ(property_size("han", dialect), 99030);
        CHECK_EQ(property_size("hani", dialect), 99030);
        CHECK(contains(*unicode::find_property("greek", dialect), 0x3B1));
        CHECK(!contains(*unicode::find_property("greek", dialect), 'a'));
        CHECK_EQ(property_size("emoji", dialect), 1431);
        CHECK_EQ(property_size("alphabetic", dialect), 142759);
    }
}

TEST(sets_agree_with_the_category_table) {
    for (Dialect dialect : {Dialect::onig, Dialect::fancy}) {
        auto const letters = *unicode::find_property("letter", dialect);
        std::size_t at = 0;
        for (std::uint32_t c = 0; c < kCodeSpace; ++c) {
            while (at < letters.size() && letters[at].last < c) ++at;
            bool const listed = at < letters.size() && letters[at].first <= c;
            CHECK(listed == unicode::is_letter(unicode::category(c)));
        }
        CHECK_EQ(property_size("any", dialect), kCodeSpace - 0x800);
    }
}

TEST(ranges_are_sorted_and_maximal) {
    for (std::string_view name : {"l", "cn", "alnum", "common", "han", "graphemebase", "any"}) {
        auto const set = *unicode::find_property(name, Dialect::onig);
        for (std::size_t i = 0; i < set.size(); ++i) {
            CHECK(set[i].first <= set[i].last);
            CHECK(i == 0 || set[i - 1].last + 1 < set[i].first);
        }
    }
}

TEST(differences_between_the_engines) {
    CHECK_EQ(size_of(unicode::word_characters(Dialect::onig, false)), 144671);
    CHECK_EQ(size_of(unicode::word_characters(Dialect::onig, true)), 144665);
    CHECK_EQ(size_of(unicode::word_characters(Dialect::fancy, false)), 144667);
    CHECK_EQ(size_of(unicode::word_characters(Dialect::fancy, true)), 144667);
    CHECK(contains(unicode::word_characters(Dialect::onig, false), 0xB2));
    CHECK(contains(unicode::word_characters(Dialect::fancy, false), 0x200D));

    CHECK_EQ(size_of(*unicode::find_posix_class("punct", Dialect::onig)), 9369);
    CHECK_EQ(property_size("punct", Dialect::onig), 855);
    CHECK_EQ(size_of(*unicode::find_posix_class("punct", Dialect::fancy)), 32);
    CHECK(!unicode::find_posix_class("PUNCT", Dialect::onig).has_value());
    CHECK(!unicode::find_property("inbasiclatin", Dialect::fancy).has_value());
    CHECK_EQ(property_size("inbasiclatin", Dialect::onig), 128);
    CHECK_EQ(property_size("graph", Dialect::onig), 292447);
    CHECK_EQ(property_size("graph", Dialect::fancy), 154809);
}

TEST(rust_word_is_the_fancy_word) {
    auto const word = unicode::word_characters(Dialect::fancy, false);
    std::size_t at = 0;
    for (std::uint32_t c = 0; c < kCodeSpace; ++c) {
        while (at < word.size() && word[at].last < c) ++at;
        CHECK((at < word.size() && word[at].first <= c) == unicode::is_rust_word(c));
    }
}

TEST(case_classes) {
    std::vector<std::uint32_t> out;
    unicode::case_equivalents('s', out);
    std::ranges::sort(out);
    CHECK_EQ(out, std::vector<std::uint32_t>{'S', 0x17F});
    out.clear();
    unicode::case_equivalents(0x212A, out);  // the Kelvin sign
    std::ranges::sort(out);
    CHECK_EQ(out, std::vector<std::uint32_t>{'K', 'k'});
    out.clear();
    unicode::case_equivalents('1', out);
    unicode::case_equivalents(0xFFFFFFFF, out);
    CHECK(out.empty());
}

TEST(case_classes_are_symmetric) {
    std::size_t members = 0;
    std::vector<std::uint32_t> others;
    std::vector<std::uint32_t> back;
    for (std::uint32_t c = 0; c < kCodeSpace; ++c) {
        others.clear();
        unicode::case_equivalents(c, others);
        members += others.empty() ? 0 : 1;
        for (std::uint32_t other : others) {
            back.clear();
            unicode::case_equivalents(other, back);
            CHECK(std::ranges::count(back, c) == 1);
            CHECK_EQ(back.size(), others.size());
        }
    }
    CHECK_EQ(members, 2938);
}

TEST(folds_to_several_characters) {
    auto const folds = unicode::multi_character_folds();
    CHECK_EQ(folds.size(), 104);
    CHECK(std::ranges::is_sorted(folds, {}, &unicode::MultiCharacterFold::code_point));
    CHECK_EQ(folds[0].code_point, 0xDF);
    CHECK_EQ(folds[0].length, 2);
    CHECK_EQ(folds[0].sequence[0], 's');
    CHECK_EQ(folds[0].sequence[1], 's');
}
