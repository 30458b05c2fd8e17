// The submodule tokmill._core.sentencepiece: what the package tokmill.compat.sentencepiece is made
// of.
#include "bindings/sentencepiece.h"

#include <type_traits>

#include "bindings/sentencepiece_processor.h"
#include "sentencepiece/random.h"
#include "sentencepiece/unigram.h"

namespace tokmill::bindings {
namespace spm {

void ProcessorObject::load(py::bytes const& model) {
    std::string_view const bytes(model);
    core_ = reported([&] {
        GilRelease const release;
        return Processor::load(bytes);
    });
}

Processor const& ProcessorObject::core() const {
    if (core_ == nullptr) fail_internal("Model is not initialized.");
    return *core_;
}

py::list to_list(Ids const& ids) {
    py::list list(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        PyObject* const number = PyLong_FromLong(static_cast<std::int32_t>(ids[i]));
        if (number == nullptr) throw py::error_already_set();
        PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), number);
    }
    return list;
}

py::list to_list(PieceTexts const& pieces, bool as_bytes) {
    py::list list(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) list[i] = to_python(pieces[i], as_bytes);
    return list;
}

py::dict to_mapping(TextPieces const& pieces, bool as_bytes, bool with_text) {
    std::vector<std::uint32_t> numbers;
    if (!as_bytes) numbers = char_numbers(pieces.text);
    std::size_t const count = pieces.pieces.size();
    py::list ids(count), texts(count), offsets(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto const& piece = pieces.pieces[i];
        std::uint32_t begin = piece.begin, end = piece.end;
        if (!as_bytes) {
            // A denormalizer can make the text shorter than its pieces.
            if (begin >= numbers.size() || end >= numbers.size()) {
                throw py::value_error("Invalid piece offsets in SentencePieceText");
            }
            begin = numbers[begin];
            end = numbers[end];
        }
        ids[i] = piece.id;
        texts[i] = to_python(piece.text, as_bytes);
        offsets[i] = py::make_tuple(begin, end);
    }
    py::dict mapping;
    if (with_text) mapping["text"] = to_python(pieces.text, as_bytes);
    mapping["ids"] = ids;
    mapping["pieces"] = texts;
    mapping["offsets"] = offsets;
    return mapping;
}

namespace {

// Answers a question about one id or about each of a sequence of ids.
template <class Query>
auto for_ids(Query query) {
    return [query](ProcessorObject const& self, py::handle ids) -> py::object {
        if (PyIndex_Check(ids.ptr())) {
            int overflow = 0;
            auto const number = py::reinterpret_steal<py::object>(PyNumber_Index(ids.ptr()));
            if (number) {
                long long const id = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
                if (overflow == 0 && std::in_range<std::int32_t>(id)) {
                    auto const id32 = checked({static_cast<std::int32_t>(id)}, self.size())[0];
                    return py::cast(query(self.core(), id32));
                }
            }
            PyErr_Clear();  // an array that is no scalar
        }
        auto const all = checked(read_ids(ids), self.size());
        py::list answers(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            answers[i] = py::cast(query(self.core(), all[i]));
        }
        return answers;
    };
}

auto is_of_type(sentencepiece::PieceType type) {
    return for_ids(
        [type](Processor const& core, std::uint32_t id) { return core.type(id) == type; });
}

py::object piece_to_id(ProcessorObject const& self, py::handle piece) {
    auto const id_of = [&self](std::string_view text) {
        return self.loaded() ? self.core().piece_to_id(text) : 0;
    };
    if (PyUnicode_Check(piece.ptr()) || PyBytes_Check(piece.ptr())) {
        return py::int_(id_of(read_text(piece).bytes));
    }
    if (!PySequence_Check(piece.ptr())) {
        throw py::type_error("PieceToId(): the piece must be str, bytes or a sequence of them");
    }
    Texts const pieces(piece);
    py::list ids(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) ids[i] = id_of(pieces.views()[i]);
    return ids;
}

void register_queries(ProcessorClass& type) {
    using sentencepiece::PieceType;
    type.def("piece_size", &ProcessorObject::size)
        .def("piece_to_id", &piece_to_id)
        .def("id_to_piece", for_ids([](Processor const& core, std::uint32_t id) {
                 return std::string(core.id_to_piece(id));
             }))
        .def("score",
             for_ids([](Processor const& core, std::uint32_t id) { return core.score(id); }))
        .def("is_unknown",
             for_ids([](Processor const& core, std::uint32_t id) { return core.is_unknown(id); }))
        .def("is_control", is_of_type(PieceType::control))
        .def("is_unused", is_of_type(PieceType::unused))
        .def("is_byte", is_of_type(PieceType::byte));
    auto const special = [&type](char const* name, std::int32_t (Processor::*id)() const noexcept) {
        type.def(name, [id](ProcessorObject const& self) {
            return self.loaded() ? (self.core().*id)() : -1;
        });
    };
    special("unk_id", &Processor::unk_id);
    special("bos_id", &Processor::bos_id);
    special("eos_id", &Processor::eos_id);
    special("pad_id", &Processor::pad_id);
}

py::object normalize(ProcessorObject const& self, py::handle input) {
    Text const text = read_text(input);
    if (!self.loaded()) return to_python({}, text.is_bytes);
    return to_python(reported([&] { return self.core().normalize(text.bytes); }), text.is_bytes);
}

py::object normalize_with_offsets(ProcessorObject const& self, py::handle input) {
    Text const text = read_text(input);
    std::vector<std::size_t> origins;
    std::string const result = reported([&] { return self.core().normalize(text.bytes, origins); });
    return with_origins(text, result, std::move(origins));
}

}  // namespace

py::object with_origins(Text const& text, std::string const& normalized,
                        std::vector<std::size_t> origins) {
    if (!text.is_bytes) {
        // By characters: where several bytes of the result are one character, its last counts.
        auto const of_text = char_numbers(text.bytes), of_result = char_numbers(normalized);
        std::vector<std::size_t> numbers(of_result.back() + 1);
        for (std::size_t i = 0; i < origins.size(); ++i) {
            numbers[of_result[i]] = of_text[origins[i]];
        }
        origins = std::move(numbers);
    }
    py::list offsets(origins.size());
    for (std::size_t i = 0; i < origins.size(); ++i) offsets[i] = origins[i];
    return py::make_tuple(to_python(normalized, text.is_bytes), offsets);
}

void register_processor(py::module_& module) {
    ProcessorClass type(module, "Processor");
    type.def(py::init<>())
        .def("load", &ProcessorObject::load)
        .def("normalize", &normalize)
        .def("normalize_with_offsets", &normalize_with_offsets)
        .def("serialized_model", [](ProcessorObject const& self) {
            return py::bytes(self.loaded() ? self.core().serialized_model() : std::string());
        });
    register_encode(module, type);
    register_decode(type);
    register_queries(type);
}

}  // namespace spm

void register_sentencepiece(py::module_& module) {
    py::module_ inner = module.def_submodule(
        "sentencepiece", "The SentencePiece engine; use tokmill.compat.sentencepiece instead.");
    inner.def("set_random_seed", &sentencepiece::set_random_seed);
    inner.def("set_nbest_timeout", &sentencepiece::set_nbest_timeout);
    spm::register_processor(inner);
    spm::register_normalizer(inner);
}

}  // namespace tokmill::bindings
