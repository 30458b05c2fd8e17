// The stage that puts special tokens around one sequence or a pair.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/encoding.h"

namespace tokmill::stages {

class PostProcessor {
 public:
    virtual ~PostProcessor() = default;
    virtual std::size_t added_tokens(bool is_pair) const = 0;
    virtual std::vector<Encoding> process(std::vector<Encoding> encodings,
                                          bool add_special_tokens) const = 0;
};

using PostProcessorPtr = std::shared_ptr<PostProcessor const>;

// One sequence or a pair through a post-processor (null: none) into one encoding.
Encoding post_process(PostProcessor const* stage, Encoding first, std::optional<Encoding> second,
                      bool add_special_tokens);

}  // namespace tokmill::stages
