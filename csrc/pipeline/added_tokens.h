// Finds added tokens in text, with the rules of tokenizers 0.23.3 (leftmost-longest matching,
// lstrip, rstrip, single_word) or of tiktoken 0.14.0 (search resumes inside a refused match).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "pipeline/definition.h"

namespace tokmill {

// The match that the caller goes on behind is the one reported last, not the one that reaches
// farthest: with Reference::hf_tokenizers a token that begins with white space is still found
// within the white space that the `rstrip` of the match before it has eaten. Its span then begins
// before the end of that match, and the text behind *it* is what comes next. So text between
// matches is [end of the last match, begin of the next one) if that is not empty, and nothing
// otherwise.
struct AddedTokenMatch {
    Span span;         // what is replaced, white space eaten by lstrip/rstrip included; not empty
    std::uint32_t id;  // the token
};

class AddedTokenMatcher {
 public:
    AddedTokenMatcher() = default;
    // The tokens to look for; contents as they stand in the text to be searched (normalized, if
    // that is normalized). Several hundred thousand are fine. Throws unsupported_tokenizer if one
    // is empty or if two are the same: in that case tokenizers picks one at random.
    // `numbers` are what a Filter calls the tokens: their ids unless others are given, which is
    // needed where two tokens share an id.
    AddedTokenMatcher(std::vector<AddedToken> tokens, Reference rules,
                      std::vector<std::uint32_t> numbers = {});

    bool empty() const noexcept { return index_ == nullptr; }

    // Whether a match is taken, by the policy of the call.
    struct Filter {
        bool special_as_text = false;                    // refuse every special token
        std::span<std::uint32_t const> allowed_special;  // ... except these (sorted numbers)
    };

    // Whether the text spells a token anywhere, be it one that find_all() would not take.
    bool may_match(std::string_view text) const;

    // Appends the matches in `text` in order. Linear in the text; a text without any first byte of
    // a token costs a vector search only. Throws invalid_input where tokenizers panics: if a token
    // has `lstrip`, begins with white space, and all of it is eaten by the `rstrip` of a match
    // before.
    void find_all(std::string_view text, Filter const& filter,
                  std::vector<AddedTokenMatch>& matches) const;

 private:
    struct Index;
    class Finder;
    class Stripper;

    void find_tiktoken(std::string_view text, Filter const& filter,
                       std::vector<AddedTokenMatch>& matches) const;
    void find_tokenizers(std::string_view text, Filter const& filter,
                         std::vector<AddedTokenMatch>& matches) const;

    std::shared_ptr<Index const> index_;
    Reference rules_ = Reference::hf_tokenizers;
};

}  // namespace tokmill
