// The extension module tokmill._core.
#include "bindings/bytelm.h"
#include "bindings/sentencepiece.h"
#include "bindings/stages.h"
#include "bindings/tokenizer.h"

namespace tokmill::bindings {

PYBIND11_MODULE(_core, module, py::mod_gil_not_used()) {
    module.doc() = "The compiled core of tokmill; use the package tokmill instead.";
    module.attr("__version__") = TOKMILL_VERSION;
    register_errors();
    register_loading(module);
    TokenizerClass type = register_tokenizer(module);
    register_encode(type);
    register_decode(module, type);
    register_vocabulary(type);
    register_batch(module);
    register_compat_tiktoken(module);
    register_tokenizer_json_v2(module);
    register_test_hooks(module);
    register_stages(module);
    register_sentencepiece(module);
    register_bytelm(module);
    register_numbers(module);
}

}  // namespace tokmill::bindings
