// Metaspace: the visible character becomes a space again; in the first token it is dropped unless
// nothing was prepended.
#include <memory>

#include "core/utf8_encode.h"
#include "decoders/decoders.h"
#include "decoders/replace_all.h"

namespace tokmill::stages {

namespace {

class Metaspace final : public Decoder {
 public:
    explicit Metaspace(MetaspaceOptions const& options)
        : keeps_first_(options.prepend_scheme == PrependScheme::never) {
        append_utf8(options.replacement, replacement_);
    }

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            tokens[i] = replace_all(tokens[i], replacement_, i == 0 && !keeps_first_ ? "" : " ");
        }
        return tokens;
    }

 private:
    std::string replacement_;  // as UTF-8
    bool keeps_first_;
};

}  // namespace

DecoderPtr decoders::metaspace(MetaspaceOptions const& options) {
    return std::make_shared<Metaspace>(options);
}

}  // namespace tokmill::stages
