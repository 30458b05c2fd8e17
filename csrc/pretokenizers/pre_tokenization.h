// All pre-tokenizer steps of a tokenizer, each applied within the pieces of the one before.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pipeline/definition.h"
#include "pretokenizers/splitter.h"

namespace tokmill {

// A text cut into pieces. `text` is the input itself or, where a step has added characters,
// `changed`.
struct Pieces {
    std::string_view text;
    std::vector<Span> spans;
    std::string changed;
    // For every byte of `text`, the range of the input that it stands for; empty if `text` is the
    // input or if it was not asked for.
    std::vector<Span> alignment;
};

class PreTokenization {
 public:
    PreTokenization() = default;
    PreTokenization(std::vector<PreTokenizer> const& steps, regex::Dialect dialect);

    // The pattern, if scanning for its words is all there is to do.
    WordStepper const* sole_scanner() const noexcept;

    void run(std::string_view text, bool with_alignment, Pieces& pieces) const;

    // A line a step.
    std::vector<std::string> describe() const;

 private:
    struct Step {
        std::unique_ptr<Splitter const> splitter;  // null: does not cut
        bool add_prefix_space = false;
        // The step stands behind a ByteLevel step and sees its byte alphabet.
        bool on_byte_alphabet = false;
    };
    static void add_prefix_spaces(bool with_alignment, Pieces& pieces);
    static void cut(Step const& step, Pieces& pieces);

    std::vector<Step> steps_;
};

}  // namespace tokmill
