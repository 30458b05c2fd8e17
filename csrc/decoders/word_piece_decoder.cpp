// WordPiece: a space before every token but the first and those that continue a word.
#include <memory>
#include <utility>

#include "decoders/decoders.h"
#include "decoders/replace_all.h"

namespace tokmill::stages {

namespace {

class WordPiece final : public Decoder {
 public:
    WordPiece(std::string prefix, bool cleanup) : prefix_(std::move(prefix)), cleanup_(cleanup) {}

    std::vector<std::string> decode_chain(std::vector<std::string> tokens) const override {
        bool first = true;
        for (std::string& token : tokens) {
            if (!first) {
                if (token.starts_with(prefix_)) {
                    token.erase(0, prefix_.size());
                } else {
                    token.insert(token.begin(), ' ');
                }
            }
            first = false;
            if (cleanup_) token = clean_up(token);
        }
        return tokens;
    }

 private:
    std::string prefix_;
    bool cleanup_;
};

}  // namespace

DecoderPtr decoders::word_piece(std::string prefix, bool cleanup) {
    return std::make_shared<WordPiece>(std::move(prefix), cleanup);
}

}  // namespace tokmill::stages
