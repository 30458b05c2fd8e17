// The stages of the general path as Python objects: made from the JSON of a component.
#include "bindings/stages.h"

namespace tokmill::bindings {

void register_component_stages(py::module_&) {}

}  // namespace tokmill::bindings
