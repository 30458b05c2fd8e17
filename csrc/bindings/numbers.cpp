// tokmill._core.NumberScheme: how digits become tokens.
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "bindings/tokenizer.h"
#include "numbers/pieces.h"
#include "numbers/vocabulary.h"

namespace tokmill::bindings {

namespace {

using namespace numbers;

// What a scheme is compiled to.
class SchemeObject {
 public:
    explicit SchemeObject(std::string const& json)
        : scheme_(scheme_from_json(json)),
          grammar_(scheme_),
          cutter_(scheme_),
          vocabulary_(scheme_) {}

    // (kind, begin, end, power) with offsets in bytes.
    using PieceTuple = std::tuple<int, std::size_t, std::size_t, int>;
    std::vector<PieceTuple> pieces(py::bytes const& text) const {
        std::vector<PieceTuple> tuples;
        for (Piece const& piece : find_pieces(std::string_view(text), grammar_, cutter_)) {
            tuples.emplace_back(static_cast<int>(piece.kind), piece.span.begin, piece.span.end,
                                piece.power);
        }
        return tuples;
    }

    // (begin, end, int_end, frac_begin, is an exponent) with offsets in bytes; plain ones are left
    // out.
    using NumeralTuple = std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, bool>;
    std::vector<NumeralTuple> numerals(py::bytes const& text) const {
        std::vector<NumeralTuple> tuples;
        for (Numeral const& numeral : find_numerals(std::string_view(text), grammar_)) {
            tuples.emplace_back(numeral.begin, numeral.end, numeral.int_end, numeral.frac_begin,
                                numeral.exponent);
        }
        return tuples;
    }

    std::vector<std::string> vocabulary() const {
        std::vector<std::string> names;
        names.reserve(vocabulary_.size());
        for (std::size_t i = 0; i < vocabulary_.size(); ++i) names.push_back(vocabulary_.name(i));
        return names;
    }

 private:
    Scheme scheme_;
    Grammar grammar_;
    GroupCutter cutter_;
    NumberVocabulary vocabulary_;
};

}  // namespace

void register_numbers(py::module_& module) {
    py::class_<SchemeObject>(module, "NumberScheme",
                             "How digits become tokens; see tokmill.numbers, which makes it.")
        .def(py::init<std::string const&>(), py::arg("json"))
        .def("pieces", &SchemeObject::pieces, py::arg("text"))
        .def("numerals", &SchemeObject::numerals, py::arg("text"))
        .def("vocabulary", &SchemeObject::vocabulary);
}

}  // namespace tokmill::bindings
