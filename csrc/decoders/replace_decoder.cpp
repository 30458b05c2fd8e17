// Replace: every match of a pattern becomes a fixed text.
#include <memory>
#include <utility>

#include "decoders/decoders.h"

namespace tokmill::stages {

namespace {

class Replace final : public Decoder {
 public:
    Replace(Pattern pattern, std::string content)
        : pattern_(std::move(pattern)), content_(std::move(content)) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        std::vector<Span> matches;
        for (std::string& token : tokens) {
            matches.clear();
            pattern_.find_all(token, matches);
            if (matches.empty()) continue;
            std::string replaced;
            std::size_t at = 0;
            for (Span const& match : matches) {
                replaced.append(token, at, match.begin - at);
                replaced += content_;
                at = match.end;
            }
            replaced.append(token, at);
            token = std::move(replaced);
        }
        return tokens;
    }

 private:
    Pattern pattern_;
    std::string content_;
};

}  // namespace

DecoderPtr decoders::replace(Pattern pattern, std::string content) {
    return std::make_shared<Replace>(std::move(pattern), std::move(content));
}

}  // namespace tokmill::stages
