// Strip: a character removed from both ends of every token.
#include <memory>
#include <string_view>

#include "core/utf8_encode.h"
#include "decoders/decoders.h"

namespace tokmill::stages {

namespace {

class Strip final : public Decoder {
 public:
    Strip(char32_t content, std::size_t start, std::size_t stop) : start_(start), stop_(stop) {
        append_utf8(content, content_);
    }

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        for (std::string& token : tokens) {
            std::string_view left = token;
            for (std::size_t i = 0; i < start_ && left.starts_with(content_); ++i) {
                left.remove_prefix(content_.size());
            }
            for (std::size_t i = 0; i < stop_ && left.ends_with(content_); ++i) {
                left.remove_suffix(content_.size());
            }
            if (left.size() != token.size()) token = std::string(left);
        }
        return tokens;
    }

 private:
    std::string content_;  // one character as UTF-8
    std::size_t start_, stop_;
};

}  // namespace

DecoderPtr decoders::strip(char32_t content, std::size_t start, std::size_t stop) {
    return std::make_shared<Strip>(content, start, stop);
}

}  // namespace tokmill::stages
