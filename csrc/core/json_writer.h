// Writing JSON as serde_json spells it, in its pretty form: two spaces a level, one element a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace tokmill::json {

// Appends `text` (valid UTF-8) as a JSON string: only quotes, backslashes and control characters
// are escaped.
void append_string(std::string_view text, std::string& out);

// Writes one value, element by element. Inside an object, key() comes before each value.
class PrettyWriter {
 public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);
    void string(std::string_view text);
    void number(std::uint64_t number);
    void boolean(bool value);
    void null();
    void value(Value const& value);

    std::string take() { return std::move(text_); }

 private:
    void open(char bracket);
    void close(char bracket);
    void start_value();
    void break_line();

    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;      // of the current container
    bool after_key_ = true;  // or at the very beginning
};

}  // namespace tokmill::json
