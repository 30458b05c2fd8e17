// Normalizers without a model, for tokmill.compat.sentencepiece.
#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "bindings/sentencepiece.h"
#include "sentencepiece/charsmap.h"
#include "sentencepiece/model_proto.h"
#include "sentencepiece/normalizer.h"
#include "sentencepiece/wire.h"

namespace tokmill::bindings::spm {
namespace {

using sentencepiece::Normalizer;
using sentencepiece::NormalizerSpec;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// A message NormalizerSpec and what it does.
class NormalizerObject {
 public:
    explicit NormalizerObject(py::bytes const& spec) { set(std::string(spec)); }

    void set_flag(std::uint32_t field, bool value) {
        sentencepiece::WireWriter change;
        change.varint(field, value ? 1 : 0);
        set(message_ + change.str());
    }
    py::object normalize(py::handle input) const {
        Text const text = read_text(input);
        std::string result;
        normalizer_->normalize(text.bytes, result);
        return to_python(result, text.is_bytes);
    }
    py::object normalize_with_offsets(py::handle input) const {
        Text const text = read_text(input);
        std::string result;
        std::vector<std::size_t> origins;
        normalizer_->normalize(text.bytes, result, origins);
        return with_origins(text, result, std::move(origins));
    }
    Pairs entries() const {
        if (normalizer_->charsmap().empty()) {
            fail_internal("No precompiled charsmap found in model.");
        }
        return reported([this] { return normalizer_->charsmap().entries(); });
    }
    py::bytes spec() const { return py::bytes(message_); }

 private:
    void set(std::string const& message) {
        reported([&] {
            message_ = sentencepiece::serialize_normalizer_spec(message);
            NormalizerSpec spec;
            sentencepiece::read_normalizer_spec(message_, 0, spec);
            normalizer_.emplace(spec, false, sentencepiece::UserSymbols());
        });
    }

    std::string message_;
    std::optional<Normalizer> normalizer_;
};

}  // namespace

void register_normalizer(py::module_& module) {
    py::class_<NormalizerObject>(module, "Normalizer")
        .def(py::init<py::bytes const&>())
        .def("set_flag", &NormalizerObject::set_flag)
        .def("normalize", &NormalizerObject::normalize)
        .def("normalize_with_offsets", &NormalizerObject::normalize_with_offsets)
        .def("entries", &NormalizerObject::entries)
        .def("spec", &NormalizerObject::spec);
    module.def("normalizer_spec_of", [](py::bytes const& model) {
        return py::bytes(
            reported([&] { return sentencepiece::normalizer_spec_of(std::string_view(model)); }));
    });
    module.def("model_with_normalizer", [](py::bytes const& spec) {
        sentencepiece::WireWriter model;
        model.bytes(3, std::string_view(spec));
        return py::bytes(model.str());
    });
    module.def("make_normalizer_spec",
               [](std::optional<std::string> const& name, py::bytes const& charsmap,
                  std::optional<std::string> const& rule_file) {
                   sentencepiece::WireWriter spec;
                   if (name) spec.bytes(1, *name);
                   spec.bytes(2, std::string_view(charsmap));
                   if (rule_file) spec.bytes(6, *rule_file);
                   return py::bytes(spec.str());
               });
    module.def("compile_charsmap", [](Pairs const& sorted) {
        return py::bytes(reported([&] { return sentencepiece::compile_charsmap(sorted); }));
    });
}

}  // namespace tokmill::bindings::spm
