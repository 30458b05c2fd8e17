// tokmill._core.stages: Normalizer, PreTokenizer, Decoder, PostProcessor. Each is made from the
// JSON object of a component, or around a Python function for a custom one.
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/compat_arguments.h"
#include "bindings/compat_encoding.h"
#include "bindings/compat_strings.h"
#include "bindings/stages.h"
#include "formats/stage_readers.h"
#include "normalizers/normalizers.h"
#include "pretokenizers/stages.h"

namespace tokmill::bindings {

namespace {

using stages::NormalizedString;
using stages::PreTokenizedString;

// A function that stages may call and drop on threads without the lock.
using SharedFunction = std::shared_ptr<py::object>;

SharedFunction share(py::object function) {
    return {new py::object(std::move(function)), [](py::object* held) {
                py::gil_scoped_acquire const gil;
                delete held;
            }};
}

// "TypeError: message", as tokenizers puts the exceptions of components written in Python.
[[noreturn]] void fail_with(py::error_already_set const& error) {
    auto const name = error.type().attr("__qualname__").cast<std::string>();
    throw Error(ErrorKind::invalid_input, name + ": " + py::str(error.value()).cast<std::string>());
}

// Runs `call`, which needs the lock, from wherever it is.
template <class Call>
auto with_python(Call&& call) {
    py::gil_scoped_acquire const gil;
    try {
        return call();
    } catch (py::error_already_set const& error) {
        fail_with(error);
    }
}

class PythonNormalizer final : public stages::Normalizer {
 public:
    explicit PythonNormalizer(SharedFunction function) : function_(std::move(function)) {}

    void normalize(NormalizedString& text) const override {
        with_python([&] { lend_to_python(*function_, text); });
    }
    void normalize(std::string& text) const override {
        NormalizedString aligned(std::move(text));
        normalize(aligned);
        text = aligned.normalized();
    }

 private:
    SharedFunction function_;
};

class PythonPreTokenizer final : public stages::PreTokenizer {
 public:
    explicit PythonPreTokenizer(SharedFunction function) : function_(std::move(function)) {}

    void pre_tokenize(PreTokenizedString& text) const override {
        with_python([&] { lend_to_python(*function_, text); });
    }

 private:
    SharedFunction function_;
};

class PythonDecoder final : public stages::Decoder {
 public:
    explicit PythonDecoder(SharedFunction function) : function_(std::move(function)) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        return with_python([&] { return (*function_)(tokens).cast<std::vector<std::string>>(); });
    }

 private:
    SharedFunction function_;
};

// A stage from its JSON object by one of the readers.
template <class Pointer>
Pointer read(py::bytes const& json, Pointer (*reader)(json::Value const&, DefinitionFile const&)) {
    std::string_view const text = json;
    json::Reader source(text);
    json::Value const value = source.value();
    source.finish();
    Pointer stage = reader(value, DefinitionFile(source));
    if (!stage) source.fail_at(0, "null is no component");
    return stage;
}

template <class Value>
std::shared_ptr<Value> mutable_pointer(std::shared_ptr<Value const> const& pointer) {
    // pybind11 has no holder of constants; nothing that is bound changes a stage.
    return std::const_pointer_cast<Value>(pointer);
}

void register_normalizer(py::module_& module) {
    using stages::Normalizer;
    py::class_<Normalizer, std::shared_ptr<Normalizer>>(module, "Normalizer")
        .def_static(
            "from_json",
            [](py::bytes const& json) {
                return mutable_pointer(read(json, &stages::read_normalizer));
            },
            py::arg("json"))
        .def_static(
            "from_python",
            [](py::object function) -> std::shared_ptr<Normalizer> {
                return std::make_shared<PythonNormalizer>(share(std::move(function)));
            },
            py::arg("normalize"))
        .def_static(
            "sequence",
            [](std::vector<std::shared_ptr<Normalizer>> const& parts) {
                return mutable_pointer(stages::make_normalizer_sequence(
                    std::vector<stages::NormalizerPtr>(parts.begin(), parts.end())));
            },
            py::arg("parts"))
        .def(
            "normalize",
            [](Normalizer const& self, TextObject& text) {
                Loan<NormalizedString> loan(text);
                with_plain_exceptions([&] { self.normalize(*loan); });
            },
            py::arg("text"))
        .def(
            "normalize_str",
            [](Normalizer const& self, std::string text) {
                with_plain_exceptions([&] { self.normalize(text); });
                return text;
            },
            py::arg("text"));
}

void register_pre_tokenizer(py::module_& module) {
    using stages::PreTokenizer;
    py::class_<PreTokenizer, std::shared_ptr<PreTokenizer>>(module, "PreTokenizer")
        .def_static(
            "from_json",
            [](py::bytes const& json) {
                return mutable_pointer(read(json, &stages::read_pre_tokenizer));
            },
            py::arg("json"))
        .def_static(
            "from_python",
            [](py::object function) -> std::shared_ptr<PreTokenizer> {
                return std::make_shared<PythonPreTokenizer>(share(std::move(function)));
            },
            py::arg("pre_tokenize"))
        .def_static(
            "sequence",
            [](std::vector<std::shared_ptr<PreTokenizer>> const& parts) {
                return mutable_pointer(stages::pre_tokenizers::sequence(
                    std::vector<stages::PreTokenizerPtr>(parts.begin(), parts.end())));
            },
            py::arg("parts"))
        .def(
            "pre_tokenize",
            [](PreTokenizer const& self, PiecesObject& text) {
                Loan<PreTokenizedString> loan(text);
                with_plain_exceptions([&] { self.pre_tokenize(*loan); });
            },
            py::arg("text"))
        .def(
            "pre_tokenize_str",
            [](PreTokenizer const& self, std::string text) {
                PreTokenizedString pieces(std::move(text));
                with_plain_exceptions([&] { self.pre_tokenize(pieces); });
                py::list result;
                for (auto const& piece :
                     pieces.views(stages::Referential::original, stages::OffsetUnit::characters))
                    result.append(py::make_tuple(
                        piece.text, py::make_tuple(piece.offsets.begin, piece.offsets.end)));
                return result;
            },
            py::arg("text"));
}

void register_decoder(py::module_& module) {
    using stages::Decoder;
    py::class_<Decoder, std::shared_ptr<Decoder>>(module, "Decoder")
        .def_static(
            "from_json",
            [](py::bytes const& json) {
                return mutable_pointer(read(json, &stages::read_decoder));
            },
            py::arg("json"))
        .def_static(
            "from_python",
            [](py::object function) -> std::shared_ptr<Decoder> {
                return std::make_shared<PythonDecoder>(share(std::move(function)));
            },
            py::arg("decode_chain"))
        .def(
            "decode",
            [](Decoder const& self, std::vector<std::string> tokens) {
                return with_plain_exceptions([&] { return self.decode(std::move(tokens)); });
            },
            py::arg("tokens"));
}

void register_post_processor(py::module_& module) {
    using stages::PostProcessor;
    py::class_<PostProcessor, std::shared_ptr<PostProcessor>>(module, "PostProcessor")
        .def_static(
            "from_json",
            [](py::bytes const& json) {
                return mutable_pointer(read(json, &stages::read_post_processor));
            },
            py::arg("json"))
        .def("added_tokens", &PostProcessor::added_tokens, py::arg("is_pair"))
        .def(
            "process",
            [](PostProcessor const& self, LazyEncoding const& first, LazyEncoding const* second,
               bool add_special_tokens) {
                std::optional<stages::Encoding> pair;
                if (second != nullptr) pair = *second->full();
                return with_plain_exceptions([&] {
                    return LazyEncoding(stages::post_process(&self, *first.full(), std::move(pair),
                                                             add_special_tokens));
                });
            },
            py::arg("first"), py::arg("second"), py::arg("add_special_tokens"));
}

}  // namespace

void register_component_stages(py::module_& stages) {
    register_normalizer(stages);
    register_pre_tokenizer(stages);
    register_decoder(stages);
    register_post_processor(stages);
}

}  // namespace tokmill::bindings
