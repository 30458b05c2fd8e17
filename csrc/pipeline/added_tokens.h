// Finds added tokens in text, with the rules of tokenizers 0.23.3 (leftmost-longest matching,
// lstrip, rstrip, single_word) or of tiktoken 0.14.0 (search resumes inside a refused match).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pipeline/definition.h"

namespace tokmill {

struct AddedTokenMatch {
    Span span;         // what is replaced, white space eaten by lstrip/rstrip included
    std::uint32_t id;  // the token
};

class AddedTokenMatcher {
   public:
    AddedTokenMatcher() = default;
    // The tokens to look for; contents must not be empty. Several hundred thousand are fine.
    AddedTokenMatcher(std::vector<AddedToken> tokens, Reference rules);

    bool empty() const noexcept { return tokens_.empty(); }

    // Whether a match is taken, by the policy of the call.
    struct Filter {
        bool special_as_text = false;                    // refuse every special token
        std::span<std::uint32_t const> allowed_special;  // ... except these (sorted ids)
    };

    // Appends the matches in `text` in order. Linear in the text; a text without any first byte of a
    // token costs a vector search only.
    void find_all(std::string_view text, Filter const& filter,
                  std::vector<AddedTokenMatch>& matches) const;

   private:
    std::vector<AddedToken> tokens_;
    Reference rules_ = Reference::hf_tokenizers;
};

}  // namespace tokmill
