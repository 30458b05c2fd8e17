// tokenizers' ByteLevel as a post-processor: it trims offsets and adds nothing.
#pragma once

#include <cstddef>
#include <vector>

#include "postprocessors/post_processor.h"
#include "postprocessors/trim_offsets.h"

namespace tokmill::stages {

class ByteLevelProcessing : public PostProcessor {
 public:
    ByteLevelProcessing(bool add_prefix_space, bool trim)
        : add_prefix_space_(add_prefix_space), trim_(trim) {}

    std::size_t added_tokens(bool) const override { return 0; }
    std::vector<Encoding> process(std::vector<Encoding> encodings, bool) const override {
        if (trim_) trim_offsets(encodings, add_prefix_space_);
        for (std::size_t i = 0; i < encodings.size(); ++i) encodings[i].set_sequence_id(i);
        return encodings;
    }

 private:
    bool add_prefix_space_;
    bool trim_;
};

}  // namespace tokmill::stages
