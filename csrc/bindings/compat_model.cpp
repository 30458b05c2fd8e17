// tokmill._core.stages.Model: the models behind the classes of tokenizers.models. An object never
// changes; setting an option makes another one, which shares the vocabulary.
#include "bindings/compat_model.h"

#include <pybind11/stl.h>

#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/compat_arguments.h"
#include "core/json.h"
#include "formats/definition_file.h"
#include "formats/stage_readers.h"
#include "formats/write_model.h"
#include "models/general_bpe.h"
#include "models/unigram.h"
#include "models/wordlevel.h"
#include "models/wordpiece.h"

namespace tokmill::bindings {

namespace {

using stages::GeneralBpe;
using stages::Model;
using stages::TokenVocabulary;
using stages::Unigram;
using stages::WordLevel;
using stages::WordPiece;

// pybind11 has no holder of constants; nothing that is bound changes a model.
template <class Derived>
std::shared_ptr<Model> shared(std::shared_ptr<Derived const> const& model) {
    return std::const_pointer_cast<Derived>(model);
}

// The UTF-8 that Python keeps inside the str, which lives as long as the container it is in.
std::string_view view_of(py::handle text) {
    if (!PyUnicode_Check(text.ptr())) throw_not_instance(text, "str");
    Py_ssize_t size = 0;
    char const* const data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
    if (data == nullptr) throw py::error_already_set();
    return {data, static_cast<std::size_t>(size)};
}

py::str to_python(std::string_view text) {
    PyObject* const decoded =
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    if (decoded == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::str>(decoded);
}

std::vector<TokenVocabulary::Item> vocabulary_of(py::dict const& vocabulary) {
    std::vector<TokenVocabulary::Item> items;
    items.reserve(vocabulary.size());
    for (auto const& [token, id] : vocabulary) items.push_back({view_of(token), to_u32(id)});
    return items;
}

std::vector<GeneralBpe::MergeText> merges_of(py::list const& merges) {
    std::vector<GeneralBpe::MergeText> pairs;
    pairs.reserve(merges.size());
    for (py::handle const merge : merges) {
        if (!PyTuple_Check(merge.ptr())) throw_not_instance(merge, "tuple");
        auto const pair = py::reinterpret_borrow<py::tuple>(merge);
        if (pair.size() != 2) {
            throw py::value_error("expected tuple of length 2, but got tuple of length " +
                                  std::to_string(pair.size()));
        }
        pairs.emplace_back(view_of(pair[0]), view_of(pair[1]));
    }
    return pairs;
}

// Members of an option dict that is complete.
template <class Value>
Value option(py::dict const& options, char const* name) {
    return options[name].cast<Value>();
}

stages::BpeOptions bpe_options(py::dict const& options) {
    return {option<std::optional<float>>(options, "dropout"),
            option<std::optional<std::string>>(options, "unk_token"),
            option<std::optional<std::string>>(options, "continuing_subword_prefix"),
            option<std::optional<std::string>>(options, "end_of_word_suffix"),
            option<bool>(options, "fuse_unk"),
            option<bool>(options, "byte_fallback"),
            option<bool>(options, "ignore_merges")};
}

stages::WordPieceOptions wordpiece_options(py::dict const& options) {
    return {option<std::string>(options, "unk_token"),
            option<std::string>(options, "continuing_subword_prefix"),
            option<std::size_t>(options, "max_input_chars_per_word")};
}

stages::UnigramOptions unigram_options(py::dict const& options) {
    return {option<std::optional<std::size_t>>(options, "unk_id"),
            option<bool>(options, "byte_fallback"), option<std::optional<double>>(options, "alpha"),
            option<std::optional<std::size_t>>(options, "nbest_size")};
}

py::dict options_of(Model const& model) {
    py::dict options;
    if (auto const* bpe = dynamic_cast<GeneralBpe const*>(&model)) {
        options["dropout"] = bpe->options().dropout;
        options["unk_token"] = bpe->options().unk_token;
        options["continuing_subword_prefix"] = bpe->options().continuing_subword_prefix;
        options["end_of_word_suffix"] = bpe->options().end_of_word_suffix;
        options["fuse_unk"] = bpe->options().fuse_unk;
        options["byte_fallback"] = bpe->options().byte_fallback;
        options["ignore_merges"] = bpe->options().ignore_merges;
    } else if (auto const* wordpiece = dynamic_cast<WordPiece const*>(&model)) {
        options["unk_token"] = wordpiece->options().unk_token;
        options["continuing_subword_prefix"] = wordpiece->options().continuing_subword_prefix;
        options["max_input_chars_per_word"] = wordpiece->options().max_input_chars_per_word;
    } else if (auto const* wordlevel = dynamic_cast<WordLevel const*>(&model)) {
        options["unk_token"] = wordlevel->unk_token();
    } else if (auto const* unigram = dynamic_cast<Unigram const*>(&model)) {
        options["unk_id"] = unigram->options().unk_id;
        options["byte_fallback"] = unigram->options().byte_fallback;
        options["alpha"] = unigram->options().alpha;
        options["nbest_size"] = unigram->options().nbest_size;
    }
    return options;
}

std::shared_ptr<Model> with_options(Model const& model, py::dict const& options) {
    return with_plain_exceptions([&]() -> std::shared_ptr<Model> {
        if (auto const* bpe = dynamic_cast<GeneralBpe const*>(&model)) {
            return shared(bpe->with_options(bpe_options(options)));
        }
        if (auto const* wordpiece = dynamic_cast<WordPiece const*>(&model)) {
            return shared(wordpiece->with_options(wordpiece_options(options)));
        }
        if (auto const* wordlevel = dynamic_cast<WordLevel const*>(&model)) {
            return shared(wordlevel->with_unk_token(option<std::string>(options, "unk_token")));
        }
        auto const& unigram = dynamic_cast<Unigram const&>(model);
        return shared(unigram.with_options(unigram_options(options)));
    });
}

std::shared_ptr<Model> make_bpe(py::dict const& vocabulary, py::list const& merges,
                                py::dict const& options) {
    auto items = vocabulary_of(vocabulary);
    auto const pairs = merges_of(merges);
    auto const settings = bpe_options(options);
    return with_plain_exceptions(
        [&] { return std::make_shared<GeneralBpe>(std::move(items), pairs, settings); });
}

std::shared_ptr<Model> make_wordpiece(py::dict const& vocabulary, py::dict const& options) {
    return std::make_shared<WordPiece>(vocabulary_of(vocabulary), wordpiece_options(options));
}

std::shared_ptr<Model> make_wordlevel(py::dict const& vocabulary, py::dict const& options) {
    return std::make_shared<WordLevel>(vocabulary_of(vocabulary),
                                       option<std::string>(options, "unk_token"));
}

std::shared_ptr<Model> make_unigram(py::list const& pieces, py::dict const& options) {
    std::vector<Unigram::Piece> vocabulary;
    vocabulary.reserve(pieces.size());
    for (py::handle const item : pieces) {
        auto const pair = py::reinterpret_borrow<py::tuple>(item);
        vocabulary.push_back({view_of(pair[0]), pair[1].cast<double>()});
    }
    auto const settings = unigram_options(options);
    return with_plain_exceptions([&] { return std::make_shared<Unigram>(vocabulary, settings); });
}

std::shared_ptr<Model> model_from_json(py::bytes const& data) {
    auto const text = data.cast<std::string_view>();
    GilRelease const released;
    json::Reader reader(text);
    auto model = shared(stages::read_model(reader, DefinitionFile(reader)));
    reader.finish();
    return model;
}

py::list tokenize(Model const& model, std::string_view text) {
    std::vector<stages::Token> tokens;
    with_plain_exceptions([&] { model.tokenize(text, tokens); });
    py::list result;
    for (auto const& token : tokens) {
        result.append(py::make_tuple(token.id, to_python(token.value),
                                     py::make_tuple(token.span.begin, token.span.end)));
    }
    return result;
}

py::object id_to_token(Model const& model, std::uint32_t id) {
    auto const token = model.id_to_token(id);
    return token ? py::object(to_python(*token)) : py::object(py::none());
}

py::list vocabulary_list(Model const& model, std::size_t limit) {
    py::list items;
    for (auto const& [text, id] : model.vocabulary()) {
        if (items.size() >= limit) break;
        items.append(py::make_tuple(to_python(text), id));
    }
    return items;
}

py::list merge_list(Model const& model, std::size_t limit) {
    py::list pairs;
    for (auto const& [left, right] : dynamic_cast<GeneralBpe const&>(model).merges()) {
        if (pairs.size() >= limit) break;
        pairs.append(py::make_tuple(to_python(left), to_python(right)));
    }
    return pairs;
}

py::list piece_list(Model const& model, std::size_t limit) {
    auto const& unigram = dynamic_cast<Unigram const&>(model);
    py::list pieces;
    for (std::size_t id = 0; id < std::min(limit, unigram.size()); ++id) {
        Unigram::Piece const piece = unigram.piece(id);
        pieces.append(py::make_tuple(to_python(piece.text), piece.score));
    }
    return pieces;
}

py::bytes to_json(Model const& model, bool pretty, std::size_t depth) {
    auto const layout = pretty ? stages::JsonLayout::pretty : stages::JsonLayout::compact;
    return py::bytes(stages::write_model_json(model, layout, depth));
}

// Token -> id of a vocab.json, as tokenizers reads it: values that are no numbers are left out.
py::dict read_vocabulary_json(py::bytes const& data) {
    json::Value object;
    try {
        json::Reader reader(data.cast<std::string_view>());
        object = reader.value();
        reader.finish();
    } catch (Error const& error) {
        throw_plain_exception(error.what());
    }
    constexpr char const* kBad = "Bad vocabulary json file";
    if (object.kind != json::Kind::object) throw_plain_exception(kBad);
    py::dict vocabulary;
    for (auto const& [token, value] : object.members) {
        if (value.kind != json::Kind::number) continue;
        std::uint64_t id = 0;
        char const* const end = value.text.data() + value.text.size();
        auto const parsed = std::from_chars(value.text.data(), end, id);
        if (parsed.ec != std::errc() || parsed.ptr != end) throw_plain_exception(kBad);
        vocabulary[to_python(token)] = static_cast<std::uint32_t>(id);
    }
    return vocabulary;
}

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

}  // namespace

void register_model(py::module_& module) {
    module.def("read_vocabulary_json", &read_vocabulary_json, py::arg("json"));
    py::class_<Model, std::shared_ptr<Model>>(module, "Model")
        .def_static("from_json", &model_from_json, py::arg("json"))
        .def_static("bpe", &make_bpe, py::arg("vocabulary"), py::arg("merges"), py::arg("options"))
        .def_static("wordpiece", &make_wordpiece, py::arg("vocabulary"), py::arg("options"))
        .def_static("wordlevel", &make_wordlevel, py::arg("vocabulary"), py::arg("options"))
        .def_static("unigram", &make_unigram, py::arg("pieces"), py::arg("options"))
        .def_property_readonly("type", &Model::type)
        .def("options", &options_of)
        .def("with_options", &with_options, py::arg("options"))
        .def("tokenize", &tokenize, py::arg("text"))
        .def("token_to_id", &Model::token_to_id, py::arg("token"))
        .def("id_to_token", &id_to_token, py::arg("id"))
        .def("vocabulary", &vocabulary_list, py::arg("limit") = kAll)
        .def("merges", &merge_list, py::arg("limit") = kAll)
        .def("pieces", &piece_list, py::arg("limit") = kAll)
        .def("to_json", &to_json, py::arg("pretty") = false, py::arg("depth") = 0)
        .def("vocabulary_json",
             [](Model const& model) { return py::bytes(stages::write_vocabulary_json(model)); });
}

}  // namespace tokmill::bindings
