// The submodule tokmill._core.stages: the stages of the general path, one by one, for the drop-in
// surface of tokenizers.
#pragma once

#include "bindings/python.h"

namespace tokmill::bindings {

// Makes the submodule and all its classes.
void register_stages(py::module_& module);

// Each adds its classes to the submodule.
void register_strings(py::module_& stages);           // Pattern, NormalizedString, ...
void register_component_stages(py::module_& stages);  // Normalizer, PreTokenizer, Decoder, ...

}  // namespace tokmill::bindings
