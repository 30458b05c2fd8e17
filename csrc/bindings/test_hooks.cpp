// Parts of the core that the tests compare with the reference libraries one by one. Not public.
#include <string>

#include "bindings/tokenizer.h"
#include "normalizers/nfc.h"
#include "pretokenizers/word_pattern.h"
#include "regex/matcher.h"
#include "simd/isa.h"
#include "unicode/properties.h"

namespace tokmill::bindings {

namespace {

regex::Dialect to_dialect(std::string const& name) {
    if (name == "onig") return regex::Dialect::onig;
    if (name == "fancy") return regex::Dialect::fancy;
    throw py::value_error("dialect must be \"onig\" or \"fancy\"");
}

py::list to_list(std::vector<Span> const& spans) {
    py::list list;
    for (Span const& span : spans) list.append(py::make_tuple(span.begin, span.end));
    return list;
}

py::list regex_find_all(std::string const& pattern, std::string const& dialect,
                        std::string const& text) {
    auto const matcher = regex::Matcher::compile(pattern, to_dialect(dialect));
    std::vector<Span> matches;
    matcher->find_all(text, matches);
    return to_list(matches);
}

py::object recognize(std::string const& pattern, std::string const& dialect) {
    auto const shape = recognize_word_pattern(pattern, to_dialect(dialect));
    if (!shape) return py::none();
    static constexpr char const* kContractions[] = {"none", "first_exact_case", "first_any_case",
                                                    "tail_any_case"};
    static constexpr char const* kPrefixes[] = {"space", "any_but_newline"};
    static constexpr char const* kLetters[] = {"letters", "letters_and_marks", "cased"};
    static constexpr char const* kNewlines[] = {"none", "greedy", "end_first"};
    py::dict options;
    options["contraction"] = kContractions[static_cast<std::size_t>(shape->contraction)];
    options["prefix"] = kPrefixes[static_cast<std::size_t>(shape->prefix)];
    options["letters"] = kLetters[static_cast<std::size_t>(shape->letters)];
    options["number_takes_space"] = shape->number_takes_space;
    options["max_digits"] = static_cast<int>(shape->max_digits);
    options["punctuation_takes_newlines"] = shape->punctuation_takes_newlines;
    options["punctuation_takes_slashes"] = shape->punctuation_takes_slashes;
    options["punctuation_excludes_marks"] = shape->punctuation_excludes_marks;
    options["newlines"] = kNewlines[static_cast<std::size_t>(shape->newlines)];
    return options;
}

char const* category_name(std::uint32_t code_point) {
    static constexpr char const* kNames[] = {
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"};
    return kNames[static_cast<std::size_t>(unicode::category(code_point))];
}

py::str nfc(std::string const& text) {
    std::string normalized;
    normalize_nfc(text, normalized, nullptr);
    return py::str(normalized);
}

py::list nfc_alignment(std::string const& text) {
    std::string normalized;
    std::vector<Span> alignment;
    normalize_nfc(text, normalized, &alignment);
    return to_list(alignment);
}

}  // namespace

void register_test_hooks(py::module_& module) {
    module.def("_regex_find_all", &regex_find_all, py::arg("pattern"), py::arg("dialect"),
               py::arg("text"));
    module.def("_recognize", &recognize, py::arg("pattern"), py::arg("dialect"));
    module.def("_unicode_category", &category_name, py::arg("code_point"));
    module.def("_nfc", &nfc, py::arg("text"));
    module.def("_nfc_alignment", &nfc_alignment, py::arg("text"));
    module.def("_isa", [] { return simd::isa_name(simd::active_isa()); });
}

}  // namespace tokmill::bindings
