// The stage that turns tokens back into text.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tokmill::stages {

class Decoder {
 public:
    virtual ~Decoder() = default;
    // The parts of the text; `decode` is their concatenation.
    virtual std::vector<std::string> decode_chain(std::vector<std::string> tokens) const = 0;
    std::string decode(std::vector<std::string> tokens) const {
        std::string text;
        for (std::string const& part : decode_chain(std::move(tokens))) text += part;
        return text;
    }
};

using DecoderPtr = std::shared_ptr<Decoder const>;

}  // namespace tokmill::stages
