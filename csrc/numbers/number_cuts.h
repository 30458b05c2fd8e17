// Where a text with numbers can be cut so that both sides become the ids that they become alone.
#pragma once

#include <cstddef>
#include <string_view>

#include "numbers/scheme.h"

namespace tokmill::numbers {

// In front of white space and brackets behind a letter or a digit, if they are neither the point
// nor a separator: there words are cut (pretokenizers/text_runs.h), and no number goes on. The
// grammar does not look farther back from a digit than to a character that is no digit and a digit
// before that one.
class NumberCuts {
 public:
    explicit NumberCuts(Scheme const& scheme);

    // Whether nothing but the text around a number decides what it becomes, and no error is to name
    // its place.
    bool exist() const noexcept { return exist_; }
    // The first place at or behind `from` > 0; the size of the text if there is none.
    std::size_t find(std::string_view text, std::size_t from) const noexcept;

 private:
    bool exist_;
    bool cuts_[256] = {};  // in front of which bytes
};

}  // namespace tokmill::numbers
