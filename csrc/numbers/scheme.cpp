#include "numbers/scheme.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/utf8_decode.h"
#include "regex/pattern.h"
#include "simd/utf8.h"
#include "unicode/properties.h"

namespace tokmill::numbers {
namespace {

constexpr char const* kPolicies[] = {"triadic", "regression", "left", "right", "reversed"};
constexpr char const* kModes[] = {"surface", "context"};
constexpr char const* kVariants[] = {"token", "marker"};
constexpr char const* kOverflows[] = {"plain", "horner", "error"};

constexpr std::uint32_t kMaxGroup = 5;
constexpr std::uint32_t kMaxDigits = 60;
constexpr std::size_t kMaxSeparators = 32;
constexpr std::size_t kMaxPatterns = 64;

[[noreturn]] void refuse(std::string const& what) {
    throw Error(ErrorKind::invalid_tokenizer, what);
}

void check_separator(std::string const& separator, char point) {
    bool const one_character =
        !separator.empty() && simd::valid_utf8_prefix(separator) == separator.size() &&
        decode_char(reinterpret_cast<unsigned char const*>(separator.data())).size ==
            separator.size();
    if (!one_character) refuse("separators: each must be one character");
    std::uint32_t const code =
        decode_char(reinterpret_cast<unsigned char const*>(separator.data())).code_point;
    auto const category = unicode::category(code);
    if (unicode::is_number(category) || unicode::is_letter(category) ||
        unicode::is_mark(category)) {
        refuse("separators: a digit or letter cannot be one");
    }
    if (separator == "+" || separator == "-") refuse("separators: a sign cannot be one");
    if (separator[0] == point) refuse("separators: the decimal point cannot be one");
    if (separator == "\n" || separator == "\r") refuse("separators: a line end cannot be one");
}

template <std::size_t N>
std::size_t place_of(std::string const& name, char const* const (&names)[N], char const* option) {
    auto const* const found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) refuse(std::string(option) + ": unknown value " + name);
    return static_cast<std::size_t>(found - std::begin(names));
}

// A member that must be there.
json::Value const& member(json::Value const& object, char const* name) {
    json::Value const* const found = object.find(name);
    if (found == nullptr) refuse(std::string("digit scheme: no member ") + name);
    return *found;
}

std::string const& text_of(json::Value const& object, char const* name) {
    json::Value const& value = member(object, name);
    if (value.kind != json::Kind::string) refuse(std::string(name) + ": not a string");
    return value.text;
}

bool truth_of(json::Value const& object, char const* name) {
    json::Value const& value = member(object, name);
    if (value.kind != json::Kind::boolean) refuse(std::string(name) + ": not a boolean");
    return value.boolean;
}

std::uint32_t number_of(json::Value const& object, char const* name) {
    json::Value const& value = member(object, name);
    bool const is_small = value.kind == json::Kind::number && !value.text.empty() &&
                          value.text.size() <= 9 &&
                          value.text.find_first_not_of("0123456789") == std::string::npos;
    if (!is_small) refuse(std::string(name) + ": not a small number");
    return static_cast<std::uint32_t>(std::stoul(value.text));
}

std::vector<std::string> list_of(json::Value const& object, char const* name) {
    json::Value const& value = member(object, name);
    if (value.kind != json::Kind::array) refuse(std::string(name) + ": not a list");
    std::vector<std::string> items;
    for (json::Value const& item : value.items) {
        if (item.kind != json::Kind::string) refuse(std::string(name) + ": not a list of strings");
        items.push_back(item.text);
    }
    return items;
}

}  // namespace

void check(Scheme const& scheme) {
    if (scheme.group < 1 || scheme.group > kMaxGroup) {
        refuse("group: must be from 1 to " + std::to_string(kMaxGroup));
    }
    if (scheme.integer_digits < 1 || scheme.integer_digits > kMaxDigits) {
        refuse("integer_groups: must make from 1 to " + std::to_string(kMaxDigits) + " digits");
    }
    if (scheme.fraction_digits < 1 || scheme.fraction_digits > kMaxDigits) {
        refuse("fraction_groups: must make from 1 to " + std::to_string(kMaxDigits) + " digits");
    }
    if (scheme.point != '.' && scheme.point != ',') refuse("locale: the point must be . or ,");
    if (scheme.separators.size() > kMaxSeparators) {
        refuse("separators: more than " + std::to_string(kMaxSeparators));
    }
    for (std::string const& separator : scheme.separators) check_separator(separator, scheme.point);
    std::vector<std::string> sorted = scheme.separators;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        refuse("separators: one is given twice");
    }
    if (scheme.indian && scheme.policy == Policy::triadic && scheme.group != 3 &&
        scheme.group != 1) {
        refuse("locale: Indian grouping needs group=3 or group=1");
    }
    bool const has_magnitudes =
        scheme.policy == Policy::triadic || scheme.policy == Policy::regression;
    if (scheme.overflow == Overflow::horner) {
        if (scheme.policy != Policy::triadic) refuse("overflow: horner needs digits=triadic");
        if (scheme.indian) refuse("overflow: horner does not go with Indian grouping");
        if (scheme.integer_digits < scheme.group || scheme.fraction_digits < scheme.group) {
            refuse("overflow: horner needs at least one whole group");
        }
        if (scheme.group == 3 && Grid(scheme).block() % 3 != 0) {
            refuse("overflow: horner needs whole triads");
        }
    }
    if (scheme.overflow == Overflow::error && !has_magnitudes) {
        refuse("overflow: only schemes with magnitudes can overflow");
    }
    if (scheme.policy == Policy::regression && scheme.group != 1) {
        refuse("group: the regression scheme has single digits");
    }
    if (scheme.policy != Policy::triadic &&
        (scheme.mode != Mode::surface || scheme.variant != Variant::token)) {
        refuse("mode: modes and variants belong to digits=triadic");
    }
    if (scheme.exempt.size() > kMaxPatterns) {
        refuse("exempt: more than " + std::to_string(kMaxPatterns) + " patterns");
    }
    for (std::string const& pattern : scheme.exempt) {
        try {
            static_cast<void>(stages::Pattern::regex(pattern));
        } catch (Error const& error) {
            refuse("exempt: " + pattern + ": " + error.what());
        }
    }
}

std::string to_json(Scheme const& scheme) {
    json::PrettyWriter out;
    auto const name = [&](char const* key, auto value, char const* const* names) {
        out.key(key);
        out.string(names[static_cast<std::size_t>(value)]);
    };
    auto const list = [&](char const* key, std::vector<std::string> const& values) {
        out.key(key);
        out.begin_array();
        for (std::string const& value : values) out.string(value);
        out.end_array();
    };
    auto const number = [&](char const* key, std::uint32_t value) {
        out.key(key);
        out.number(value);
    };
    auto const truth = [&](char const* key, bool value) {
        out.key(key);
        out.boolean(value);
    };
    out.begin_object();
    name("policy", scheme.policy, kPolicies);
    name("mode", scheme.mode, kModes);
    name("variant", scheme.variant, kVariants);
    truth("marker_first", scheme.marker_first);
    number("group", scheme.group);
    number("integer_digits", scheme.integer_digits);
    number("fraction_digits", scheme.fraction_digits);
    truth("indian", scheme.indian);
    truth("leading_zeros", scheme.leading_zeros);
    name("overflow", scheme.overflow, kOverflows);
    list("separators", scheme.separators);
    out.key("point");
    out.string(std::string_view(&scheme.point, 1));
    list("exempt", scheme.exempt);
    number("min_digits", scheme.min_digits);
    out.end_object();
    return out.take();
}

Scheme scheme_from_json(std::string_view text) {
    json::Reader reader(text);
    json::Value const object = reader.value();
    reader.finish();
    if (object.kind != json::Kind::object) refuse("digit scheme: not an object");
    Scheme scheme;
    scheme.policy = static_cast<Policy>(place_of(text_of(object, "policy"), kPolicies, "digits"));
    scheme.mode = static_cast<Mode>(place_of(text_of(object, "mode"), kModes, "mode"));
    scheme.variant =
        static_cast<Variant>(place_of(text_of(object, "variant"), kVariants, "variant"));
    scheme.marker_first = truth_of(object, "marker_first");
    scheme.group = number_of(object, "group");
    scheme.integer_digits = number_of(object, "integer_digits");
    scheme.fraction_digits = number_of(object, "fraction_digits");
    scheme.indian = truth_of(object, "indian");
    scheme.leading_zeros = truth_of(object, "leading_zeros");
    scheme.overflow =
        static_cast<Overflow>(place_of(text_of(object, "overflow"), kOverflows, "overflow"));
    scheme.separators = list_of(object, "separators");
    std::string const& point = text_of(object, "point");
    if (point.size() != 1) refuse("locale: the point must be . or ,");
    scheme.point = point[0];
    scheme.exempt = list_of(object, "exempt");
    scheme.min_digits = number_of(object, "min_digits");
    check(scheme);
    return scheme;
}

bool has_triads(Scheme const& scheme) noexcept {
    return scheme.policy == Policy::triadic && scheme.mode == Mode::surface &&
           scheme.variant == Variant::token && scheme.group == 3 && !scheme.indian &&
           scheme.overflow != Overflow::horner;
}

Grid::Grid(Scheme const& scheme) {
    group_of_.push_back(0);
    bool const indian = scheme.indian && scheme.group == 3;
    for (std::uint32_t low = 0; low < scheme.integer_digits;) {
        std::uint32_t const whole = indian && low > 0 ? 2 : scheme.group;
        std::uint32_t const size = std::min(whole, scheme.integer_digits - low);
        group_of_.insert(group_of_.end(), size, static_cast<std::uint8_t>(low_.size()));
        low_.push_back(static_cast<std::uint8_t>(low));
        size_.push_back(static_cast<std::uint8_t>(size));
        low += size;
        if (size == whole) block_ = low;
    }
    takes_separators_ = indian || 3 % scheme.group == 0;
}

}  // namespace tokmill::numbers
