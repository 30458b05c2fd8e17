// tokenizers' Encoding for Python: its methods.
#include <functional>

#include "bindings/compat_arguments.h"
#include "bindings/compat_encoding.h"
#include "bindings/compat_encoding_json.h"
#include "bindings/lists.h"

namespace tokmill::bindings {

namespace {

using stages::Encoding;

py::object span_or_none(std::optional<Span> const& span) {
    return span ? py::object(py::make_tuple(span->begin, span->end)) : py::object(py::none());
}

template <class Number>
py::object number_or_none(std::optional<Number> const& number) {
    return number ? py::object(py::int_(*number)) : py::object(py::none());
}

py::object decode_utf8(std::string const& text) {
    PyObject* const decoded =
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
    if (decoded == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(decoded);
}

// One element for each token.
template <class Make>
py::list list_of(std::size_t size, Make&& make) {
    py::list list(size);
    for (std::size_t i = 0; i < size; ++i) {
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                        py::object(make(i)).release().ptr());
    }
    return list;
}

py::list tokens(LazyEncoding const& self) {
    auto const full = self.full();
    return list_of(full->size(), [&](std::size_t i) { return decode_utf8(full->tokens[i]); });
}

py::list offsets(LazyEncoding const& self) {
    auto const full = self.full();
    return list_of(full->size(), [&](std::size_t i) {
        return py::make_tuple(full->offsets[i].begin, full->offsets[i].end);
    });
}

py::list word_ids(LazyEncoding const& self) {
    auto const full = self.full();
    return list_of(full->size(), [&](std::size_t i) -> py::object {
        if (full->words[i] == Encoding::kNoWord) return py::none();
        return py::int_(full->words[i]);
    });
}

py::list words(LazyEncoding const& self) {
    char const* const message =
        "Deprecated in 0.9.4: Encoding.words is deprecated, please use Encoding.word_ids instead.";
    if (PyErr_WarnEx(PyExc_DeprecationWarning, message, 1) != 0) throw py::error_already_set();
    return word_ids(self);
}

py::list sequence_ids(LazyEncoding const& self) {
    auto const ids = self.full()->sequence_ids();
    return list_of(ids.size(), [&](std::size_t i) { return number_or_none(ids[i]); });
}

py::list overflowing(LazyEncoding const& self) {
    auto const full = self.full();
    return list_of(full->overflowing.size(), [&](std::size_t i) {
        return py::cast(std::make_unique<LazyEncoding>(full->overflowing[i]));
    });
}

// --- lookups: arguments are taken as the reference takes them -----------------------------------

template <class Lookup>
auto by_token(Lookup lookup) {
    return [lookup](LazyEncoding const& self, py::object const& token_index) {
        return lookup(*self.full(), to_usize(token_index));
    };
}

py::object token_to_chars(Encoding const& encoding, std::size_t token) {
    auto const chars = encoding.token_to_chars(token);
    return chars ? span_or_none(chars->second) : py::none();
}

py::object token_to_word(Encoding const& encoding, std::size_t token) {
    auto const word = encoding.token_to_word(token);
    return word ? py::object(py::int_(word->second)) : py::object(py::none());
}

py::object token_to_sequence(Encoding const& encoding, std::size_t token) {
    return number_or_none(encoding.token_to_sequence(token));
}

py::object word_to_tokens(LazyEncoding const& self, py::object const& word,
                          py::object const& sequence) {
    return span_or_none(self.full()->word_to_tokens(to_u32(word), to_usize(sequence)));
}

py::object word_to_chars(LazyEncoding const& self, py::object const& word,
                         py::object const& sequence) {
    return span_or_none(self.full()->word_to_chars(to_u32(word), to_usize(sequence)));
}

py::object char_to_token(LazyEncoding const& self, py::object const& position,
                         py::object const& sequence) {
    return number_or_none(self.full()->char_to_token(to_usize(position), to_usize(sequence)));
}

py::object char_to_word(LazyEncoding const& self, py::object const& position,
                        py::object const& sequence) {
    return number_or_none(self.full()->char_to_word(to_usize(position), to_usize(sequence)));
}

// --- changes ------------------------------------------------------------------------------------

std::optional<stages::Side> side_of(std::string const& name) {
    if (name == "left") return stages::Side::left;
    if (name == "right") return stages::Side::right;
    return std::nullopt;
}

void pad(LazyEncoding& self, py::object const& length, py::kwargs const& options) {
    std::size_t const target = to_usize(length);
    stages::PadToken token;
    stages::Side side = stages::Side::right;
    for (auto const& [key, value] : options) {
        auto const name = key.cast<std::string>();
        if (name == "direction") {
            std::string const direction = to_utf8_string(value);
            auto const found = side_of(direction);
            if (!found) {
                throw py::value_error("Unknown `direction`: `" + direction +
                                      "`. Use one of `left` or `right`");
            }
            side = *found;
        } else if (name == "pad_id") {
            token.id = to_u32(value);
        } else if (name == "pad_type_id") {
            token.type_id = to_u32(value);
        } else if (name == "pad_token") {
            token.text = to_utf8_string(value);
        } else {
            py::print("Ignored unknown kwarg option", name);
        }
    }
    self.change([&](Encoding& encoding) { encoding.pad(target, token, side); });
}

void truncate(LazyEncoding& self, py::object const& max_length, py::object const& stride,
              py::object const& direction) {
    std::size_t const target = to_usize(max_length);
    std::size_t const overlap = to_usize(stride);
    std::string const name = to_utf8_string(direction);
    auto const side = side_of(name);
    if (!side) throw py::value_error("Invalid truncation direction value : " + name);
    with_plain_exceptions([&] {
        self.change([&](Encoding& encoding) { encoding.truncate(target, overlap, *side); });
    });
}

void set_sequence_id(LazyEncoding& self, py::object const& sequence_id) {
    std::size_t const sequence = to_usize(sequence_id);
    self.change([&](Encoding& encoding) { encoding.set_sequence_id(sequence); });
}

std::unique_ptr<LazyEncoding> merge(py::object const& encodings, bool growing_offsets) {
    py::object const elements = to_element_tuple(encodings);
    std::vector<Encoding> parts;
    for (py::handle const element : elements) {
        if (!py::isinstance<LazyEncoding>(element)) throw_not_instance(element, "Encoding");
        parts.push_back(*element.cast<LazyEncoding const&>().full());
    }
    return std::make_unique<LazyEncoding>(Encoding::merge(std::move(parts), growing_offsets));
}

py::bytes get_state(LazyEncoding const& self) {
    return py::bytes(encoding_to_json(*self.full()));
}

void set_state(LazyEncoding& self, py::object const& state) {
    if (!PyBytes_Check(state.ptr())) throw_not_instance(state, "bytes");
    try {
        Encoding read = encoding_from_json(state.cast<std::string_view>());
        self.change([&](Encoding& encoding) { encoding = std::move(read); });
    } catch (Error const& error) {
        throw_plain_exception(std::string("Error while attempting to unpickle Encoding: ") +
                              error.what());
    }
}

std::string represent(LazyEncoding const& self) {
    return "Encoding(num_tokens=" + std::to_string(self.size()) +
           ", attributes=[ids, type_ids, tokens, offsets, attention_mask, special_tokens_mask, "
           "overflowing])";
}

using EncodingClass = py::class_<LazyEncoding>;

void register_properties(EncodingClass& type) {
    type.def_property_readonly("ids", &LazyEncoding::ids, "The ids, a new list at each read.")
        .def_property_readonly("type_ids", &LazyEncoding::type_ids,
                               "The number of the segment of each token.")
        .def_property_readonly("attention_mask", &LazyEncoding::attention_mask,
                               "1 for tokens, 0 for padding.")
        .def_property_readonly("special_tokens_mask", &LazyEncoding::special_tokens_mask,
                               "1 for what was put around the text and for padding.")
        .def_property_readonly("tokens", &tokens, "The tokens as text.")
        .def_property_readonly("offsets", &offsets,
                               "Where each token stands: (begin, end) in characters.")
        .def_property_readonly("word_ids", &word_ids, "The number of each token's word, or None.")
        .def_property_readonly("words", &words, "Deprecated name of word_ids.")
        .def_property_readonly("sequence_ids", &sequence_ids,
                               "The number of each token's input sequence, or None.")
        .def_property_readonly(
            "n_sequences", [](LazyEncoding const& self) { return self.full()->n_sequences(); },
            "How many input sequences there are.")
        .def_property_readonly("overflowing", &overflowing,
                               "What truncation cut off, in parts, as encodings.");
}

void register_lookups(EncodingClass& type) {
    py::arg_v const first_sequence = (py::arg("sequence_index") = 0);
    type.def("token_to_chars", by_token(token_to_chars), py::arg("token_index"),
             "(begin, end) of a token in characters, or None.")
        .def("token_to_word", by_token(token_to_word), py::arg("token_index"),
             "The number of a token's word, or None.")
        .def("token_to_sequence", by_token(token_to_sequence), py::arg("token_index"),
             "The number of a token's input sequence, or None.")
        .def("word_to_tokens", &word_to_tokens, py::arg("word_index"), first_sequence,
             "(first, last + 1) of a word's tokens, or None.")
        .def("word_to_chars", &word_to_chars, py::arg("word_index"), first_sequence,
             "(begin, end) of a word in characters, or None.")
        .def("char_to_token", &char_to_token, py::arg("char_pos"), first_sequence,
             "The number of the token at a character, or None.")
        .def("char_to_word", &char_to_word, py::arg("char_pos"), first_sequence,
             "The number of the word at a character, or None.");
}

}  // namespace

void register_encoding(py::module_& stages) {
    EncodingClass type(stages, "Encoding", py::is_final(), py::dynamic_attr(),
                       "The result of encoding a text or a pair of texts.");
    type.def(py::init<>());
    register_properties(type);
    register_lookups(type);
    type.def("__len__", &LazyEncoding::size)
        .def("__repr__", &represent)
        .def("pad", &pad, py::arg("length"),
             "Fills up to `length` tokens. Keywords: direction ('right' or 'left'), pad_id, "
             "pad_type_id, pad_token.")
        .def("truncate", &truncate, py::arg("max_length"), py::arg("stride") = 0,
             py::arg("direction") = "right",
             "Keeps `max_length` tokens; the rest goes to `overflowing`.")
        .def("set_sequence_id", &set_sequence_id, py::arg("sequence_id"),
             "All tokens belong to the input sequence of this number.")
        .def_static("merge", &merge, py::arg("encodings"), py::arg("growing_offsets") = true,
                    "One encoding after the other as one.")
        .def("__getstate__", &get_state)
        .def("__reduce__", [](py::object const& self) {
            return py::make_tuple(py::type::of(self), py::tuple(), self.attr("__getstate__")());
        });
    // Not by def(), to which this name means a constructor.
    type.attr("__setstate__") =
        py::cpp_function(&set_state, py::name("set_state"), py::is_method(type));
    // Where users find it, and pickle.
    type.attr("__module__") = "tokmill.compat.tokenizers";
}

}  // namespace tokmill::bindings
