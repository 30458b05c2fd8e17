// The stage that changes a text before it is cut.
#pragma once

#include <memory>
#include <string>

#include "normalizers/normalized_string.h"

namespace tokmill::stages {

class Normalizer {
 public:
    virtual ~Normalizer() = default;

    virtual void normalize(NormalizedString& text) const = 0;
    // The same text without the way back, which is a lot cheaper. Valid UTF-8 in and out.
    virtual void normalize(std::string& text) const = 0;
};

using NormalizerPtr = std::shared_ptr<Normalizer const>;

}  // namespace tokmill::stages
