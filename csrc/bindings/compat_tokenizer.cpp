// tokmill._core.stages.Pipeline: everything of the drop-in's Tokenizer that is not about the Python
// objects of its components.
#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

#include "bindings/compat_arguments.h"
#include "bindings/compat_model.h"
#include "bindings/compat_pipeline.h"
#include "core/json.h"
#include "formats/read_general.h"
#include "pipeline/decode_stream.h"

namespace tokmill::bindings {

namespace {

using stages::GeneralPipeline;

py::str to_python(std::string_view text) {
    PyObject* const decoded =
        PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
    if (decoded == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::str>(decoded);
}

// --- components ---------------------------------------------------------------------------------

// pybind11 has no holder of constants; nothing that is bound changes a stage.
template <class Stage>
std::shared_ptr<Stage> shared(std::shared_ptr<Stage const> const& stage) {
    return std::const_pointer_cast<Stage>(stage);
}

void set_model(PipelineObject& self, std::shared_ptr<stages::Model> const& model) {
    self.update([&](GeneralPipeline& pipeline) { pipeline.set_model(model); });
}

void set_normalizer(PipelineObject& self, std::shared_ptr<stages::Normalizer> const& stage,
                    bool renormalize) {
    with_plain_exceptions([&] {
        self.update(
            [&](GeneralPipeline& pipeline) { pipeline.set_normalizer(stage, renormalize); });
    });
}

void set_pre_tokenizer(PipelineObject& self, std::shared_ptr<stages::PreTokenizer> const& stage) {
    self.update([&](GeneralPipeline& pipeline) { pipeline.set_pre_tokenizer(stage); });
}

void set_post_processor(PipelineObject& self, std::shared_ptr<stages::PostProcessor> const& stage) {
    self.update([&](GeneralPipeline& pipeline) { pipeline.set_post_processor(stage); });
}

void set_decoder(PipelineObject& self, std::shared_ptr<stages::Decoder> const& stage) {
    self.update([&](GeneralPipeline& pipeline) { pipeline.set_decoder(stage); });
}

// --- truncation and padding, as tuples ----------------------------------------------------------

// (max_length, stride, "longest_first" | "only_first" | "only_second", "left" | "right")
using TruncationTuple = std::tuple<std::size_t, std::size_t, std::string, std::string>;
// (length or None, multiple or None, id, token, type id, "left" | "right")
using PaddingTuple = std::tuple<std::optional<std::size_t>, std::optional<std::size_t>,
                                std::uint32_t, std::string, std::uint32_t, std::string>;

constexpr char const* kStrategies[] = {"longest_first", "only_first", "only_second"};

stages::Side to_side(std::string const& name) {
    return name == "left" ? stages::Side::left : stages::Side::right;
}

char const* name_of(stages::Side side) {
    return side == stages::Side::left ? "left" : "right";
}

void set_truncation(PipelineObject& self, std::optional<TruncationTuple> const& values) {
    std::optional<stages::Truncation> truncation;
    if (values) {
        auto const& [max_length, stride, strategy, direction] = *values;
        auto const place = std::find(std::begin(kStrategies), std::end(kStrategies), strategy);
        truncation = {to_side(direction), max_length,
                      static_cast<stages::TruncationStrategy>(place - std::begin(kStrategies)),
                      stride};
    }
    try {
        self.update([&](GeneralPipeline& pipeline) { pipeline.set_truncation(truncation); });
    } catch (Error const& error) {
        throw py::value_error(error.what());
    }
}

std::optional<TruncationTuple> truncation_of(PipelineObject const& self) {
    auto const snapshot = self.get();
    auto const& truncation = snapshot->general.truncation();
    if (!truncation) return std::nullopt;
    return TruncationTuple(truncation->max_length, truncation->stride,
                           kStrategies[static_cast<std::size_t>(truncation->strategy)],
                           name_of(truncation->direction));
}

void set_padding(PipelineObject& self, std::optional<PaddingTuple> const& values) {
    std::optional<stages::Padding> padding;
    if (values) {
        auto const& [length, multiple, id, token, type_id, direction] = *values;
        padding = stages::Padding{length, to_side(direction), multiple, {id, type_id, token}};
    }
    self.update([&](GeneralPipeline& pipeline) { pipeline.set_padding(padding); });
}

std::optional<PaddingTuple> padding_of(PipelineObject const& self) {
    auto const snapshot = self.get();
    auto const& padding = snapshot->general.padding();
    if (!padding) return std::nullopt;
    return PaddingTuple(padding->fixed_length, padding->multiple_of, padding->token.id,
                        padding->token.text, padding->token.type_id, name_of(padding->direction));
}

// --- vocabulary ---------------------------------------------------------------------------------

// (content, single_word, lstrip, rstrip, normalized, special)
using TokenTuple = std::tuple<std::string, bool, bool, bool, bool, bool>;

std::size_t add_tokens(PipelineObject& self, std::vector<TokenTuple> const& tokens) {
    std::vector<AddedToken> added;
    for (auto const& [content, single_word, lstrip, rstrip, normalized, special] : tokens) {
        AddedToken token;
        token.content = content;
        token.single_word = single_word;
        token.lstrip = lstrip;
        token.rstrip = rstrip;
        token.normalized = normalized;
        token.special = special;
        added.push_back(std::move(token));
    }
    std::size_t count = 0;
    with_plain_exceptions([&] {
        self.update([&](GeneralPipeline& pipeline) { count = pipeline.add_tokens(added); });
    });
    return count;
}

py::list added_tokens(PipelineObject const& self) {
    py::list result;
    for (AddedToken const& token : self.get()->general.added_vocabulary().tokens()) {
        result.append(py::make_tuple(token.id, to_python(token.content), token.single_word,
                                     token.lstrip, token.rstrip, token.normalized, token.special));
    }
    return result;
}

py::dict vocabulary(PipelineObject const& self, bool with_added_tokens) {
    auto const snapshot = self.get();
    py::dict result;
    for (auto const& [text, id] : snapshot->general.vocabulary(with_added_tokens)) {
        result[to_python(text)] = id;
    }
    return result;
}

py::object id_to_token(PipelineObject const& self, py::object const& id) {
    auto const snapshot = self.get();
    auto const token = snapshot->general.id_to_token(to_u32(id));
    return token ? py::object(to_python(*token)) : py::object(py::none());
}

// --- encodings and decoding ---------------------------------------------------------------------

std::unique_ptr<LazyEncoding> post_process(PipelineObject const& self, LazyEncoding const& first,
                                           LazyEncoding const* second, bool add_special_tokens) {
    stages::Encoding encoding = *first.full();
    std::optional<stages::Encoding> pair;
    if (second != nullptr) pair = *second->full();
    auto const snapshot = self.get();
    return with_plain_exceptions([&] {
        return std::make_unique<LazyEncoding>(snapshot->general.post_process(
            std::move(encoding), std::move(pair), add_special_tokens));
    });
}

py::str decode(PipelineObject const& self, py::object const& ids,
               py::object const& skip_special_tokens) {
    std::vector<std::uint32_t> const numbers = to_ids(ids);
    bool const skip = to_bool(skip_special_tokens);
    auto const snapshot = self.get();
    return to_python(with_plain_exceptions([&] {
        GilRelease const released(numbers.size() > kSmallText);
        return snapshot->general.decode(numbers, skip);
    }));
}

py::list decode_batch(PipelineObject const& self, py::object const& sequences,
                      py::object const& skip_special_tokens) {
    std::vector<std::vector<std::uint32_t>> rows;
    std::size_t total = 0;
    for (py::handle const sequence : to_element_tuple(sequences)) {
        rows.push_back(to_ids(sequence));
        total += rows.back().size();
    }
    bool const skip = to_bool(skip_special_tokens);
    auto const snapshot = self.get();
    constexpr std::size_t kThreaded = 10000;
    unsigned const threads = total < kThreaded ? 1 : allowed_threads();
    auto const texts = with_plain_exceptions([&] {
        GilRelease const released(total > kSmallText);
        return snapshot->general.decode_batch(rows, skip, threads);
    });
    py::list result;
    for (std::string const& text : texts) result.append(to_python(text));
    return result;
}

// --- reading ------------------------------------------------------------------------------------

// The JSON texts of the components of a tokenizer.json; of equal names the last one counts.
py::dict component_texts(std::string_view text) {
    py::dict components;
    json::Reader reader(text);
    std::string_view key;
    reader.begin_object();
    while (reader.next_member(key)) {
        bool const is_component = key == "normalizer" || key == "pre_tokenizer" ||
                                  key == "post_processor" || key == "decoder";
        py::str const name = to_python(key);
        reader.peek();
        std::size_t const begin = reader.position();
        reader.skip();
        std::string_view const value = text.substr(begin, reader.position() - begin);
        if (is_component) components[name] = py::bytes(value.data(), value.size());
    }
    return components;
}

py::tuple read_tokenizer(py::bytes const& data) {
    auto const text = data.cast<std::string_view>();
    auto pipeline = with_plain_exceptions([&] {
        GilRelease const released;
        return std::make_unique<PipelineObject>(stages::read_general(text));
    });
    return py::make_tuple(std::move(pipeline), component_texts(text));
}

// --- streams ------------------------------------------------------------------------------------

std::optional<py::str> stream_step(stages::DecodeStream& self, PipelineObject const& pipeline,
                                   py::object const& ids) {
    std::vector<std::uint32_t> numbers;
    if (PyLong_Check(ids.ptr())) {
        numbers.push_back(to_u32(ids));
    } else {
        numbers = to_ids(ids);
    }
    auto const text =
        with_plain_exceptions([&] { return self.step(pipeline.get()->general, numbers); });
    return text ? std::optional(to_python(*text)) : std::nullopt;
}

using PipelineClass = py::class_<PipelineObject>;

void register_components(PipelineClass& type) {
    type.def("set_model", &set_model, py::arg("model"))
        .def("set_normalizer", &set_normalizer, py::arg("stage"), py::arg("renormalize"))
        .def("set_pre_tokenizer", &set_pre_tokenizer, py::arg("stage"))
        .def("set_post_processor", &set_post_processor, py::arg("stage"))
        .def("set_decoder", &set_decoder, py::arg("stage"))
        .def("set_repeatable", &PipelineObject::set_repeatable, py::arg("repeatable"))
        .def_property_readonly(
            "model", [](PipelineObject const& self) { return shared(self.get()->general.model()); })
        .def_property_readonly(
            "normalizer",
            [](PipelineObject const& self) { return shared(self.get()->general.normalizer()); })
        .def_property_readonly(
            "pre_tokenizer",
            [](PipelineObject const& self) { return shared(self.get()->general.pre_tokenizer()); })
        .def_property_readonly(
            "post_processor",
            [](PipelineObject const& self) { return shared(self.get()->general.post_processor()); })
        .def_property_readonly("decoder", [](PipelineObject const& self) {
            return shared(self.get()->general.decoder());
        });
}

void register_parameters(PipelineClass& type) {
    type.def_property("truncation", &truncation_of, &set_truncation)
        .def_property("padding", &padding_of, &set_padding)
        .def_property(
            "encode_special_tokens",
            [](PipelineObject const& self) {
                return self.get()->general.added_vocabulary().encode_special_tokens();
            },
            [](PipelineObject& self, bool value) {
                self.update(
                    [&](GeneralPipeline& pipeline) { pipeline.set_encode_special_tokens(value); });
            })
        .def(
            "num_special_tokens_to_add",
            [](PipelineObject const& self, bool is_pair) {
                return self.get()->general.num_special_tokens_to_add(is_pair);
            },
            py::arg("is_pair"));
}

void register_vocabulary_methods(PipelineClass& type) {
    type.def("add_tokens", &add_tokens, py::arg("tokens"))
        .def("added_tokens", &added_tokens)
        .def("vocabulary", &vocabulary, py::arg("with_added_tokens"))
        .def(
            "vocab_size",
            [](PipelineObject const& self, bool with_added_tokens) {
                return self.get()->general.vocab_size(with_added_tokens);
            },
            py::arg("with_added_tokens"))
        .def(
            "token_to_id",
            [](PipelineObject const& self, std::string const& token) {
                return self.get()->general.token_to_id(token);
            },
            py::arg("token"))
        .def("id_to_token", &id_to_token, py::arg("id"));
}

}  // namespace

void register_pipeline(py::module_& stages) {
    PipelineClass type(stages, "Pipeline");
    type.def(py::init([](std::shared_ptr<stages::Model> const& model) {
                 return std::make_unique<PipelineObject>(GeneralPipeline(model));
             }),
             py::arg("model"));
    type.def_static("read", &read_tokenizer, py::arg("json"));
    register_components(type);
    register_parameters(type);
    register_vocabulary_methods(type);
    type.def("encode", &encode_one, py::arg("sequence"), py::arg("pair"),
             py::arg("is_pretokenized"), py::arg("add_special_tokens"))
        .def("encode_batch", &encode_many, py::arg("inputs"), py::arg("is_pretokenized"),
             py::arg("add_special_tokens"), py::arg("with_offsets"))
        .def("post_process", &post_process, py::arg("first"), py::arg("second"),
             py::arg("add_special_tokens"))
        .def("decode", &decode, py::arg("ids"), py::arg("skip_special_tokens"))
        .def("decode_batch", &decode_batch, py::arg("sequences"), py::arg("skip_special_tokens"));
    py::class_<stages::DecodeStream>(stages, "DecodeStream")
        .def(py::init<std::vector<std::uint32_t>, bool>(), py::arg("ids"),
             py::arg("skip_special_tokens"))
        .def("copy", [](stages::DecodeStream const& self) { return stages::DecodeStream(self); })
        .def("step", &stream_step, py::arg("pipeline"), py::arg("ids"));
}

}  // namespace tokmill::bindings
