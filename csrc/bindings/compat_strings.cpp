// tokmill._core.stages: Pattern, NormalizedString, PreTokenizedString.
#include "bindings/compat_strings.h"

#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "bindings/compat_arguments.h"
#include "bindings/compat_encoding.h"
#include "bindings/stages.h"
#include "core/utf8_decode.h"
#include "normalizers/string_changes.h"
#include "regex/pattern.h"

namespace tokmill::bindings {

namespace {

using stages::NormalizedString;
using stages::Pattern;
using stages::PreTokenizedString;
using stages::Referential;
using stages::Token;

using TextPointer = std::shared_ptr<TextObject>;

TextPointer to_python(NormalizedString text) {
    return std::make_shared<TextObject>(std::move(text));
}

SplitBehavior behavior_named(std::string_view name) {
    if (name == "removed") return SplitBehavior::removed;
    if (name == "isolated") return SplitBehavior::isolated;
    if (name == "merged_with_previous") return SplitBehavior::merged_with_previous;
    if (name == "merged_with_next") return SplitBehavior::merged_with_next;
    if (name == "contiguous") return SplitBehavior::contiguous;
    throw py::value_error("no such behavior");
}

// The byte range of the characters `begin` to `end` of a text. As tokenizers has it: nothing if
// the range begins behind the last character, and the rest of the text if it ends behind that or
// before its own beginning.
std::optional<Span> byte_range(std::string_view text, std::size_t begin, std::size_t end) {
    if (begin == 0 && end == 0) return Span{0, 0};
    Span range{text.size(), text.size()};
    std::size_t index = 0;
    for (std::size_t at = 0; at < text.size(); ++index) {
        if (index == begin) range.begin = at;
        if (index == end) range.end = at;
        at += decode_char(reinterpret_cast<unsigned char const*>(text.data()) + at).size;
    }
    if (begin >= index) return std::nullopt;
    if (end < begin) range.end = text.size();
    return range;
}

TextPointer slice(TextObject& self, std::size_t begin, std::size_t end) {
    NormalizedString const& text = self.get();
    auto const range = byte_range(text.normalized(), begin, end);
    if (!range) return nullptr;
    auto part = text.slice(Referential::normalized, *range);
    return part ? to_python(*std::move(part)) : nullptr;
}

std::vector<TextPointer> split(TextObject& self, Pattern const& pattern,
                               std::string const& behavior) {
    NormalizedString const& text = self.get();
    std::vector<TextPointer> parts;
    for (NormalizedString& part : stages::split_by_matches(
             text, pattern.find_matches(text.normalized()), behavior_named(behavior)))
        parts.push_back(to_python(std::move(part)));
    return parts;
}

// `changes`: (code point, change) of every new character.
void transform(TextObject& self, std::vector<std::pair<std::uint32_t, int>> const& changes,
               std::size_t removed_first) {
    std::vector<stages::CharChange> list;
    list.reserve(changes.size());
    for (auto const& [code_point, change] : changes) list.push_back({code_point, change});
    self.get().transform(list, removed_first);
}

void change(TextObject& self, std::string_view name) {
    NormalizedString& text = self.get();
    if (name == "lowercase") return stages::lowercase(text);
    if (name == "uppercase") return stages::uppercase(text);
    if (name == "nfc") return stages::normalize_form(text, stages::UnicodeForm::nfc);
    if (name == "nfd") return stages::normalize_form(text, stages::UnicodeForm::nfd);
    if (name == "nfkc") return stages::normalize_form(text, stages::UnicodeForm::nfkc);
    if (name == "nfkd") return stages::normalize_form(text, stages::UnicodeForm::nfkd);
    throw py::value_error("no such change");
}

void replace(TextObject& self, Pattern const& pattern, std::string const& content) {
    stages::replace(self.get(), pattern, content);
}

void strip(TextObject& self, bool left, bool right) {
    if (left) self.get().strip_left();
    if (right) self.get().strip_right();
}

void split_pieces(PiecesObject& self, py::function const& cut) {
    Loan<PreTokenizedString> loan(self);
    loan->split([&cut](std::size_t index, NormalizedString text) {
        std::vector<stages::Piece> pieces;
        auto const parts = cut(index, to_python(std::move(text))).cast<std::vector<TextPointer>>();
        // The same object may be given twice, so its text is copied.
        for (TextPointer const& part : parts) pieces.push_back({part->get(), std::nullopt});
        return pieces;
    });
}

void normalize_pieces(PiecesObject& self, py::function const& normalize) {
    Loan<PreTokenizedString> loan(self);
    for (stages::Piece& piece : loan->pieces()) {
        if (!piece.tokens) lend_to_python(normalize, piece.text);
    }
}

using TokenTuple = std::tuple<std::uint32_t, std::string, std::size_t, std::size_t>;

void tokenize_pieces(PiecesObject& self, py::function const& tokenize) {
    Loan<PreTokenizedString> loan(self);
    for (stages::Piece& piece : loan->pieces()) {
        if (piece.tokens) continue;
        std::vector<Token> tokens;
        for (auto& [id, value, begin, end] :
             tokenize(piece.text.normalized()).cast<std::vector<TokenTuple>>())
            tokens.push_back({id, std::move(value), {begin, end}});
        piece.tokens = std::move(tokens);
    }
}

py::list pieces_of(PiecesObject& self, bool original, bool characters) {
    auto const unit = characters ? stages::OffsetUnit::characters : stages::OffsetUnit::bytes;
    auto const in = original ? Referential::original : Referential::normalized;
    py::list pieces;
    for (stages::PieceView const& piece : self.get().views(in, unit))
        pieces.append(piece_tuple(piece));
    return pieces;
}

LazyEncoding to_encoding(PiecesObject& self, std::uint32_t type_id,
                         std::optional<std::uint32_t> word) {
    PreTokenizedString copy = self.get();
    return with_plain_exceptions([&] {
        return LazyEncoding(
            std::move(copy).to_encoding(word, type_id, stages::OffsetUnit::characters));
    });
}

void register_texts(py::module_& module) {
    py::class_<TextObject, TextPointer>(module, "NormalizedString")
        .def(
            py::init([](std::string text) { return to_python(NormalizedString(std::move(text))); }),
            py::arg("text"))
        .def_property_readonly("present", &TextObject::present)
        .def_property_readonly("normalized",
                               [](TextObject& self) { return self.get().normalized(); })
        .def_property_readonly("original", [](TextObject& self) { return self.get().original(); })
        .def("slice", &slice, py::arg("begin"), py::arg("end"))
        .def("split", &split, py::arg("pattern"), py::arg("behavior"))
        .def("change", &change, py::arg("name"))
        .def("replace", &replace, py::arg("pattern"), py::arg("content"))
        .def("transform", &transform, py::arg("changes"), py::arg("removed_first"))
        .def(
            "prepend", [](TextObject& self, std::string const& text) { self.get().prepend(text); },
            py::arg("text"))
        .def(
            "append", [](TextObject& self, std::string const& text) { self.get().append(text); },
            py::arg("text"))
        .def("strip", &strip, py::arg("left"), py::arg("right"))
        .def("clear", [](TextObject& self) { self.get().clear(); })
        .def("copy", [](TextObject& self) { return to_python(self.get()); });
}

void register_pieces(py::module_& module) {
    py::class_<PiecesObject, std::shared_ptr<PiecesObject>>(module, "PreTokenizedString")
        .def(py::init([](std::string text) {
                 return std::make_shared<PiecesObject>(PreTokenizedString(std::move(text)));
             }),
             py::arg("text"))
        .def_property_readonly("present", &PiecesObject::present)
        .def("split", &split_pieces, py::arg("cut"))
        .def("normalize", &normalize_pieces, py::arg("normalize"))
        .def("tokenize", &tokenize_pieces, py::arg("tokenize"))
        .def("pieces", &pieces_of, py::arg("original"), py::arg("characters"))
        .def("to_encoding", &to_encoding, py::arg("type_id"), py::arg("word"));
}

}  // namespace

py::tuple piece_tuple(stages::PieceView const& piece) {
    py::object tokens = py::none();
    if (piece.tokens != nullptr) {
        py::list list;
        for (Token const& token : *piece.tokens)
            list.append(py::make_tuple(token.id, token.value, token.span.begin, token.span.end));
        tokens = std::move(list);
    }
    return py::make_tuple(piece.text, py::make_tuple(piece.offsets.begin, piece.offsets.end),
                          tokens);
}

void register_strings(py::module_& stages) {
    py::class_<Pattern>(stages, "Pattern")
        .def_static("literal", &Pattern::literal, py::arg("text"))
        .def_static("regex", &Pattern::regex, py::arg("pattern"));
    register_texts(stages);
    register_pieces(stages);
}

}  // namespace tokmill::bindings
