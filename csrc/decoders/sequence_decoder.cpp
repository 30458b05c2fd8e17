// Fuse: all tokens as one text. Sequence: one decoder after the other.
#include <memory>
#include <utility>

#include "decoders/decoders.h"

namespace tokmill::stages {

namespace {

class Fuse final : public Decoder {
 public:
    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        std::vector<std::string> out(1);
        for (std::string const& token : tokens) out[0] += token;
        return out;
    }
};

class Sequence final : public Decoder {
 public:
    explicit Sequence(std::vector<DecoderPtr> decoders) : decoders_(std::move(decoders)) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        for (DecoderPtr const& decoder : decoders_) {
            tokens = decoder->decode_chain(std::move(tokens));
        }
        return tokens;
    }

 private:
    std::vector<DecoderPtr> decoders_;
};

}  // namespace

DecoderPtr decoders::fuse() {
    return std::make_shared<Fuse>();
}

DecoderPtr decoders::sequence(std::vector<DecoderPtr> parts) {
    return std::make_shared<Sequence>(std::move(parts));
}

}  // namespace tokmill::stages
