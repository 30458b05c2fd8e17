// FixedLength: pieces of so many characters.
#include <memory>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "pretokenizers/stages.h"

namespace tokmill::stages {

namespace {

class FixedLength final : public Cutter {
 public:
    explicit FixedLength(std::size_t length) : length_(length) {
        if (length == 0) {
            throw Error(ErrorKind::invalid_tokenizer, "pre_tokenizer FixedLength with length 0");
        }
    }

    void cut(std::string_view text, std::vector<Span>& pieces) const override {
        std::size_t begin = 0, at = 0;
        while (at < text.size()) {
            for (std::size_t i = 0; i < length_ && at < text.size(); ++i) {
                at += decode_char(reinterpret_cast<unsigned char const*>(text.data()) + at).size;
            }
            pieces.push_back({begin, at});
            begin = at;
        }
    }

 private:
    std::size_t length_;
};

}  // namespace

PreTokenizerPtr pre_tokenizers::fixed_length(std::size_t length) {
    return std::make_shared<FixedLength>(length);
}

}  // namespace tokmill::stages
