// Post-processors one after the other, each on the encodings that the one before has left.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "postprocessors/post_processor.h"

namespace tokmill::stages {

class ProcessorSequence : public PostProcessor {
 public:
    explicit ProcessorSequence(std::vector<PostProcessorPtr> steps) : steps_(std::move(steps)) {}

    std::size_t added_tokens(bool is_pair) const override {
        std::size_t count = 0;
        for (PostProcessorPtr const& step : steps_) count += step->added_tokens(is_pair);
        return count;
    }
    std::vector<Encoding> process(std::vector<Encoding> encodings,
                                  bool add_special_tokens) const override {
        for (PostProcessorPtr const& step : steps_) {
            encodings = step->process(std::move(encodings), add_special_tokens);
        }
        return encodings;
    }

 private:
    std::vector<PostProcessorPtr> steps_;
};

}  // namespace tokmill::stages
