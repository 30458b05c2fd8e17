// tokenizer.json of version "2.0", for the drop-in surface of tokenizers 1.0.
#include "formats/tokenizer_json_v2.h"

#include <string>
#include <string_view>

#include "bindings/tokenizer.h"

namespace tokmill::bindings {

void register_tokenizer_json_v2(py::module_& module) {
    module.def(
        "rewrite_tokenizer_json_v2",
        [](py::bytes const& data) {
            std::string_view const view(PyBytes_AS_STRING(data.ptr()),
                                        static_cast<std::size_t>(PyBytes_GET_SIZE(data.ptr())));
            std::string rewritten;
            bool is_v2 = false;
            {
                GilRelease const released;
                is_v2 = is_tokenizer_json_v2(view);
                if (is_v2) rewritten = rewrite_tokenizer_json_v2(view);
            }
            return is_v2 ? py::bytes(rewritten) : data;
        },
        py::arg("data"), "A tokenizer.json of version \"2.0\" as one of version \"1.0\".");
}

}  // namespace tokmill::bindings
