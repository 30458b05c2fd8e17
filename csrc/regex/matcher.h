// General exact matcher: runs any supported pattern in time linear in the text, without recursion.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "regex/dialect.h"

namespace tokmill::regex {

class Matcher {
 public:
    // Throws Error(unsupported_tokenizer) for a construct that cannot be matched exactly, and
    // Error(invalid_tokenizer) for a malformed pattern; both with the position in the pattern.
    static std::shared_ptr<Matcher const> compile(std::string_view pattern, Dialect dialect);

    virtual ~Matcher() = default;

    // Appends the successive non-overlapping matches of the pattern in `text` (valid UTF-8), as the
    // dialect's find_iter yields them. Thread-safe: all scratch is local to the call.
    virtual void find_all(std::string_view text, std::vector<Span>& matches) const = 0;
};

}  // namespace tokmill::regex
