// The submodule tokmill._core.stages.
#include "bindings/stages.h"

namespace tokmill::bindings {

void register_stages(py::module_& module) {
    py::module_ stages = module.def_submodule("stages", "The stages of a pipeline.");
    register_component_stages(stages);
}

}  // namespace tokmill::bindings
