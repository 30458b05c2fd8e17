// The objects behind tokmill._core.Engine and tokmill._core.Tokenizer.
#pragma once

#include <memory>
#include <optional>

#include "bindings/python.h"
#include "bindings/token_names.h"
#include "core/lazy.h"
#include "pipeline/tokenizer.h"

namespace tokmill::bindings {

// A compiled tokenizer on its way from a loading function to the constructor of a Python class.
struct Engine {
    std::shared_ptr<Tokenizer const> core;
};

class TokenizerObject {
 public:
    explicit TokenizerObject(Engine const& engine) : core_(engine.core) {}

    Tokenizer const& core() const noexcept { return *core_; }
    std::shared_ptr<Tokenizer const> const& shared() const noexcept { return core_; }

    // Made when first asked for: encoding does not need them.
    TokenNames const& names() const {
        return names_.get([this] { return TokenNames(*core_); });
    }

 private:
    std::shared_ptr<Tokenizer const> core_;
    Lazy<TokenNames> names_;
};

using TokenizerClass = py::class_<TokenizerObject>;

// The C++ object of an instance of _core.Tokenizer or of a class derived from it.
TokenizerObject const& tokenizer_of(PyObject* self);

// The options of one call, from the arguments add_special_tokens and special (nullptr: default).
EncodeOptions encode_options(TokenizerObject const& tokenizer, PyObject* add_special_tokens,
                             PyObject* special);

// Each adds its part of the methods.
void register_errors();
void register_loading(py::module_& module);
TokenizerClass register_tokenizer(py::module_& module);
void register_encode(TokenizerClass& type);
void register_decode(py::module_& module, TokenizerClass& type);
void register_vocabulary(TokenizerClass& type);
void register_batch(py::module_& module);
void register_compat_tiktoken(py::module_& module);
void register_tokenizer_json_v2(py::module_& module);
void register_numbers(py::module_& module);
void register_test_hooks(py::module_& module);

}  // namespace tokmill::bindings
