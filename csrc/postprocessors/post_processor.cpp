// What tokenizers does around a post-processor, and without one.
#include "postprocessors/post_processor.h"

#include <utility>

namespace tokmill::stages {

namespace {

// Without a post-processor, sequences are only told apart if there are two, and not in what
// overflows.
Encoding join(std::vector<Encoding> encodings) {
    if (encodings.size() > 1) {
        for (std::size_t i = 0; i < encodings.size(); ++i) encodings[i].set_sequence_id(i);
    }
    return Encoding::merge(std::move(encodings), false);
}

}  // namespace

Encoding post_process(PostProcessor const* stage, Encoding first, std::optional<Encoding> second,
                      bool add_special_tokens) {
    std::vector<Encoding> encodings;
    encodings.push_back(std::move(first));
    if (second) encodings.push_back(*std::move(second));
    if (stage == nullptr) return join(std::move(encodings));
    for (std::size_t i = 0; i < encodings.size(); ++i) {
        encodings[i].set_sequence_id(i);
        encodings[i].set_type_id(static_cast<std::uint32_t>(i));
        for (Encoding& rest : encodings[i].overflowing) rest.set_sequence_id(i);
    }
    return Encoding::merge(stage->process(std::move(encodings), add_special_tokens), false);
}

}  // namespace tokmill::stages
