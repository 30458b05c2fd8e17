// The spelling of JSON.
#include "core/json_writer.h"

namespace tokmill::json {

void append_string(std::string_view text, std::string& out) {
    constexpr char kHex[] = "0123456789abcdef";
    out.push_back('"');
    for (char const c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
                    out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
                } else {
                    out.push_back(c);
                }
        }
    }
    out.push_back('"');
}

void PrettyWriter::break_line() {
    text_.push_back('\n');
    text_.append(2 * depth_, ' ');
}

// The comma and the line break before an element.
void PrettyWriter::start_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_) text_.push_back(',');
    break_line();
    first_ = false;
}

void PrettyWriter::open(char bracket) {
    start_value();
    text_.push_back(bracket);
    ++depth_;
    first_ = true;
}

void PrettyWriter::close(char bracket) {
    --depth_;
    if (!first_) break_line();
    text_.push_back(bracket);
    first_ = false;
}

void PrettyWriter::key(std::string_view name) {
    string(name);
    text_ += ": ";
    after_key_ = true;
}

void PrettyWriter::string(std::string_view text) {
    start_value();
    append_string(text, text_);
}

void PrettyWriter::number(std::uint64_t number) {
    start_value();
    text_ += std::to_string(number);
}

void PrettyWriter::boolean(bool value) {
    start_value();
    text_ += value ? "true" : "false";
}

void PrettyWriter::null() {
    start_value();
    text_ += "null";
}

void PrettyWriter::value(Value const& value) {
    switch (value.kind) {
        case Kind::null:
            null();
            break;
        case Kind::boolean:
            boolean(value.boolean);
            break;
        case Kind::number:
            start_value();
            text_ += value.text;
            break;
        case Kind::string:
            string(value.text);
            break;
        case Kind::array:
            begin_array();
            for (Value const& item : value.items) this->value(item);
            end_array();
            break;
        case Kind::object:
            begin_object();
            for (auto const& [name, member] : value.members) {
                key(name);
                this->value(member);
            }
            end_object();
            break;
    }
}

}  // namespace tokmill::json
