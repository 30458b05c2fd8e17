// Writing JSON as serde_json spells it.
#pragma once

#include <string>
#include <string_view>

namespace tokmill::json {

// Appends `text` (valid UTF-8) as a JSON string: only quotes, backslashes and control characters
// are escaped.
void append_string(std::string_view text, std::string& out);

}  // namespace tokmill::json
