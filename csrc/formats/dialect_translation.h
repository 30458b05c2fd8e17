// Spelling a tiktoken pattern for tokenizers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tokmill {

// A pattern that means to Oniguruma (Ruby syntax) what `pattern` means to fancy-regex; nothing if
// none is known. Throws for a pattern that cannot be matched exactly at all.
std::optional<std::string> translate_to_onig(std::string_view pattern);

}  // namespace tokmill
