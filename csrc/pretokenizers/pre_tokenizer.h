// The stage that cuts a text into pieces.
#pragma once

#include <memory>

#include "pretokenizers/pre_tokenized_string.h"

namespace tokmill::stages {

class PreTokenizer {
 public:
    virtual ~PreTokenizer() = default;
    virtual void pre_tokenize(PreTokenizedString& text) const = 0;
};

using PreTokenizerPtr = std::shared_ptr<PreTokenizer const>;

}  // namespace tokmill::stages
