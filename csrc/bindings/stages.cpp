// The submodule tokmill._core.stages.
#include "bindings/stages.h"

#include "bindings/compat_encoding.h"
#include "bindings/compat_model.h"

namespace tokmill::bindings {

void register_stages(py::module_& module) {
    py::module_ stages = module.def_submodule("stages", "The stages of a pipeline.");
    register_strings(stages);
    register_component_stages(stages);
    register_model(stages);
    register_encoding(stages);
    register_pipeline(stages);
}

}  // namespace tokmill::bindings
