// What the bindings of the drop-in's models, tokenizers and encodings add to the submodule.
#pragma once

#include "bindings/python.h"

namespace tokmill::bindings {

void register_model(py::module_& stages);
void register_pipeline(py::module_& stages);

}  // namespace tokmill::bindings
