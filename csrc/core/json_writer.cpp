// JSON strings; the rest of the syntax is written where it is needed.
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

}  // namespace tokmill::json
