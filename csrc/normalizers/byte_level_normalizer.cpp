// ByteLevel as a normalizer: every byte becomes its character of GPT-2's byte alphabet.
#include "core/byte_alphabet.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

class ByteLevel final : public Normalizer {
 public:
    void normalize(NormalizedString& text) const override {
        // The reference leaves an empty text alone, which matters to nothing else.
        if (text.normalized().empty()) return;
        rewrite_text(text, [](AlignedOutput& output) {
            for (char const byte : output.input()) {
                auto const b = static_cast<unsigned char>(byte);
                output.put(kByteCharacters[b], is_continuation(b) ? 1 : 0);
            }
        });
    }

    void normalize(std::string& text) const override {
        std::string out;
        append_byte_alphabet(text, out);
        text.swap(out);
    }
};

}  // namespace

NormalizerPtr make_byte_level_normalizer() {
    return std::make_shared<ByteLevel const>();
}

}  // namespace tokmill::stages
