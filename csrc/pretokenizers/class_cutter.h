// Pre-tokenizers that cut by classes of characters and leave white space out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pretokenizers/character_runs.h"
#include "pretokenizers/pre_tokenizer.h"

namespace tokmill::stages {

// PartOf()(code point) is the CharacterPart of a character, CharacterPart::gap for white space.
template <class PartOf>
class ClassCutter final : public Cutter {
 public:
    InParts in_parts() const noexcept override { return InParts::at_whitespace; }
    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        cut_by_class(text, PartOf(), pieces);
    }
};

}  // namespace tokmill::stages
