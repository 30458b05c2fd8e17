// Special and other added tokens with digits in them, such as <extra_id_0>: where a text spells
// them, these digits are no numbers.
#pragma once

#include <string_view>
#include <vector>

#include "core/span.h"
#include "pipeline/added_tokens.h"
#include "pipeline/tokenizer.h"

namespace tokmill::numbers {

class SpecialDigits {
 public:
    explicit SpecialDigits(Tokenizer const& base);

    // Appends where such tokens are, in order.
    void find(std::string_view text, EncodeOptions const& options, std::vector<Span>& spans) const;
    // Whether a text that holds this byte may become other ids with other options: without, it
    // holds no special token.
    bool may_begin(char byte) const noexcept { return begins_[static_cast<unsigned char>(byte)]; }

 private:
    void find_by_encoding(std::string_view text, EncodeOptions const& options,
                          std::vector<Span>& spans) const;

    Tokenizer const* base_;
    bool any_ = false;
    // Some of them are looked for in normalized text, so that only the base can tell.
    bool by_encoding_ = false;
    bool parses_special_ = true;
    std::vector<bool> has_digits_;  // of each token of the matcher
    AddedTokenMatcher matcher_;
    bool begins_[256] = {};
};

}  // namespace tokmill::numbers
