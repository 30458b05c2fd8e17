// BPEDecoder: the suffix of words becomes a space, but for the last one.
#include <memory>
#include <utility>

#include "decoders/decoders.h"
#include "decoders/replace_all.h"

namespace tokmill::stages {

namespace {

class BpeDecoder final : public Decoder {
 public:
    explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            bool const last = i + 1 == tokens.size();
            tokens[i] = replace_all(tokens[i], suffix_, last ? "" : " ");
        }
        return tokens;
    }

 private:
    std::string suffix_;
};

}  // namespace

DecoderPtr decoders::bpe(std::string suffix) {
    return std::make_shared<BpeDecoder>(std::move(suffix));
}

}  // namespace tokmill::stages
