// One compiled pre-tokenizer step: cuts a text into pieces.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pipeline/definition.h"
#include "pretokenizers/word_stepper.h"
#include "regex/dialect.h"

namespace tokmill {

class Splitter {
 public:
    virtual ~Splitter() = default;

    // Appends the pieces of `text` (valid UTF-8), in order and none of them empty.
    virtual void split(std::string_view text, std::vector<Span>& pieces) const = 0;

    // If the step keeps all text and cuts it as a WordPattern does: that pattern.
    virtual WordStepper const* words() const noexcept { return nullptr; }

    // "word scanner (avx512)", "general matcher", ...
    virtual std::string describe() const = 0;
};

// The splitter of a split, digits or byte_level step; null for a byte_level step that does not cut.
std::unique_ptr<Splitter const> make_splitter(PreTokenizer const& step, regex::Dialect dialect);

}  // namespace tokmill
