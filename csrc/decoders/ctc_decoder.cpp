// CTC: equal neighbours are one token, padding is nothing.
#include <algorithm>
#include <memory>
#include <utility>

#include "decoders/decoders.h"
#include "decoders/replace_all.h"

namespace tokmill::stages {

namespace {

class Ctc final : public Decoder {
 public:
    Ctc(std::string pad_token, std::string word_delimiter_token, bool cleanup)
        : pad_token_(std::move(pad_token)),
          word_delimiter_token_(std::move(word_delimiter_token)),
          cleanup_(cleanup) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
        std::vector<std::string> out;
        for (std::string const& token : tokens) {
            std::string text = replace_all(token, pad_token_, "");
            if (cleanup_) text = replace_all(clean_up(text), word_delimiter_token_, " ");
            if (!text.empty()) out.push_back(std::move(text));
        }
        return out;
    }

 private:
    std::string pad_token_;
    std::string word_delimiter_token_;
    bool cleanup_;
};

}  // namespace

DecoderPtr decoders::ctc(std::string pad_token, std::string word_delimiter_token, bool cleanup) {
    return std::make_shared<Ctc>(std::move(pad_token), std::move(word_delimiter_token), cleanup);
}

}  // namespace tokmill::stages
