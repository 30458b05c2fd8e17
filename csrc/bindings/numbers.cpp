// tokmill._core.NumberScheme, and what tokenizers with a digit scheme have beyond others.
#include <pybind11/stl.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/tokenizer.h"
#include "numbers/number_spans.h"
#include "numbers/numbers_tokenizer.h"
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

    Scheme const& scheme() const noexcept { return scheme_; }

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

Engine attach(SchemeObject const& scheme, TokenizerObject const& tokenizer,
              std::optional<std::uint32_t> first_id, bool units_from_base) {
    GilRelease const released;
    return {std::make_shared<NumbersTokenizer const>(tokenizer.shared(), scheme.scheme(),
                                                     AttachOptions{first_id, units_from_base})};
}

NumbersTokenizer const& numbers_of(TokenizerObject const& tokenizer) {
    auto const* const core = dynamic_cast<NumbersTokenizer const*>(&tokenizer.core());
    if (core == nullptr) throw py::type_error("this tokenizer has no digit scheme");
    return *core;
}

bool has_number_scheme(Engine const& engine) {
    return dynamic_cast<NumbersTokenizer const*>(engine.core.get()) != nullptr;
}

std::string scheme_of(TokenizerObject const& tokenizer) {
    return to_json(numbers_of(tokenizer).scheme());
}

Engine base_of(TokenizerObject const& tokenizer) {
    return {numbers_of(tokenizer).shared_base()};
}

// (id, name, kind, digits, power) of the new tokens in the order of their ids. A marker has the
// power that it says, without digits.
using TokenTuple = std::tuple<std::uint32_t, std::string, int, std::string, int>;
std::vector<TokenTuple> new_tokens(TokenizerObject const& tokenizer) {
    NumbersTokenizer const& core = numbers_of(tokenizer);
    NumberVocabulary const& vocabulary = core.vocabulary();
    std::vector<TokenTuple> tuples;
    for (std::size_t index = 0; index < vocabulary.size(); ++index) {
        std::uint32_t const id = core.id_of(index);
        if (!core.is_new(id)) continue;
        NumberToken const& token = vocabulary[index];
        int power = vocabulary.power(index);
        if (token.part == Part::integer_marker) {
            power = static_cast<int>(vocabulary.grid().low(token.place));
        } else if (token.part == Part::fraction_marker) {
            power = -static_cast<int>((token.place + 1) * vocabulary.scheme().group);
        }
        tuples.emplace_back(id, core.token_name(id), static_cast<int>(token.part), token.digits,
                            power);
    }
    return tuples;
}

bool has_value(NumberToken const& token) {
    return !token.digits.empty();
}

py::object token_value(TokenizerObject const& tokenizer, py::object const& id) {
    NumbersTokenizer const& core = numbers_of(tokenizer);
    std::uint32_t const number = to_id(id.ptr());
    if (!core.tokens().has(number)) {
        throw Error(ErrorKind::unknown_token, "no token has the id " + std::to_string(number));
    }
    auto const index = core.index_of(number);
    if (!index || !has_value(core.vocabulary()[*index])) return py::none();
    return py::make_tuple(core.vocabulary()[*index].digits, core.vocabulary().power(*index));
}

py::array_t<double> value_table(TokenizerObject const& tokenizer) {
    NumbersTokenizer const& core = numbers_of(tokenizer);
    NumberVocabulary const& vocabulary = core.vocabulary();
    py::array_t<double> table(static_cast<py::ssize_t>(core.vocab_size()));
    double* const values = table.mutable_data();
    std::fill(values, values + core.vocab_size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t index = 0; index < vocabulary.size(); ++index) {
        if (!has_value(vocabulary[index])) continue;
        // The nearest double, which a product of two would not always be.
        std::string const spelled =
            vocabulary[index].digits + "e" + std::to_string(vocabulary.power(index));
        std::from_chars(spelled.data(), spelled.data() + spelled.size(), values[core.id_of(index)]);
    }
    return table;
}

// (begin, end, integer, fraction, exponent)
using SpanTuple = std::tuple<std::size_t, std::size_t, std::string, std::string, std::string>;
std::vector<SpanTuple> number_spans(TokenizerObject const& tokenizer, py::object const& ids) {
    NumbersTokenizer const& core = numbers_of(tokenizer);
    IdView const view(ids.ptr());
    for (std::size_t i = 0; i < view.ids().size(); ++i) {
        if (core.tokens().has(view.ids()[i])) continue;
        throw Error(ErrorKind::unknown_token,
                    "no token has the id " + std::to_string(view.ids()[i]) + " (index " +
                        std::to_string(i) + ")",
                    i);
    }
    std::vector<SpanTuple> tuples;
    for (NumberSpan& span : find_number_spans(core, view.ids())) {
        tuples.emplace_back(span.begin, span.end, std::move(span.integer), std::move(span.fraction),
                            std::move(span.exponent));
    }
    return tuples;
}

}  // namespace

void register_numbers(py::module_& module) {
    py::class_<SchemeObject>(module, "NumberScheme",
                             "How digits become tokens; see tokmill.numbers, which makes it.")
        .def(py::init<std::string const&>(), py::arg("json"))
        .def("pieces", &SchemeObject::pieces, py::arg("text"))
        .def("numerals", &SchemeObject::numerals, py::arg("text"))
        .def("vocabulary", &SchemeObject::vocabulary)
        .def("attach", &attach, py::arg("tokenizer"), py::arg("first_id"),
             py::arg("units_from_base"));
    module.def("has_number_scheme", &has_number_scheme, py::arg("engine"));
    module.def("number_scheme", &scheme_of, py::arg("tokenizer"));
    module.def(
        "number_first_id",
        [](TokenizerObject const& tokenizer) { return numbers_of(tokenizer).first_id(); },
        py::arg("tokenizer"));
    module.def("number_base", &base_of, py::arg("tokenizer"));
    module.def("number_tokens", &new_tokens, py::arg("tokenizer"));
    module.def("number_value", &token_value, py::arg("tokenizer"), py::arg("id"));
    module.def("number_values", &value_table, py::arg("tokenizer"));
    module.def("number_spans", &number_spans, py::arg("tokenizer"), py::arg("ids"));
}

}  // namespace tokmill::bindings
