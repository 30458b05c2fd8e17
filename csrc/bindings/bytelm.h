// Shared by the files that bind tokmill._core.bytelm.
#pragma once

#include <memory>

#include "bindings/python.h"
#include "bytelm/process.h"

namespace tokmill::bindings {

struct VocabularyObject {
    std::shared_ptr<bytelm::ModelVocabulary const> core;
};

void register_bytelm_vocabulary(py::module_& module);
void register_bytelm(py::module_& parent);

}  // namespace tokmill::bindings
