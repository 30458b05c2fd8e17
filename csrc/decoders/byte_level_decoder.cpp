// ByteLevel: the byte alphabet undone, all tokens as one text.
#include <memory>
#include <optional>

#include "core/byte_alphabet.h"
#include "decoders/decode.h"
#include "decoders/decoders.h"

namespace tokmill::stages {

namespace {

class ByteLevel final : public Decoder {
 public:
    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        std::string bytes;
        for (std::string const& token : tokens) {
            // A token with a character outside the alphabet stands for itself.
            std::optional<std::string> const spelled = undo_byte_alphabet(token);
            bytes += spelled ? *spelled : token;
        }
        std::vector<std::string> out(1);
        append_utf8_lossy(bytes, out[0]);
        return out;
    }
};

}  // namespace

DecoderPtr decoders::byte_level() {
    return std::make_shared<ByteLevel>();
}

}  // namespace tokmill::stages
