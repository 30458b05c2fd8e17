// Decoding ids as they come, in chunks of complete characters: tokenizers' DecodeStream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/general_pipeline.h"

namespace tokmill::stages {

class DecodeStream {
 public:
    // `ids` come before the first step; their text is not given back.
    explicit DecodeStream(std::vector<std::uint32_t> ids = {}, bool skip_special_tokens = false)
        : ids_(std::move(ids)), skip_special_tokens_(skip_special_tokens) {}

    // The text that these ids add, or nothing if it does not end with a complete character or is
    // empty. Throws Error(invalid_input) with tokenizers' message if the text of earlier ids has
    // changed, which a decoder may do.
    std::optional<std::string> step(GeneralPipeline const& pipeline,
                                    std::span<std::uint32_t const> ids);
    // The text held back so far, incomplete characters as the decoder spells them. The stream is as
    // new afterwards. Throws as `step` does. (Not in the reference.)
    std::string finish(GeneralPipeline const& pipeline);

 private:
    // What a text holds beyond the text given back, which it must begin with.
    std::string behind_prefix(std::string const& text) const;

    std::vector<std::uint32_t> ids_;  // as many as the next chunk depends on
    bool skip_special_tokens_;
    std::string prefix_;            // the text given back that those ids stand for too
    std::size_t prefix_index_ = 0;  // how many of them
};

}  // namespace tokmill::stages
