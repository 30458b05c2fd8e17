#include "decoders/replace_all.h"

#include <cstddef>

#include "core/utf8_decode.h"

namespace tokmill::stages {

namespace {

struct Rule {
    std::string_view from, to;
};

// In the order in which tokenizers applies them, each to the result of the one before.
constexpr Rule kCleanUp[] = {
    {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
    {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
    {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
};

std::string insert_everywhere(std::string_view text, std::string_view to) {
    std::string out(to);
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        bool const inside =
            i + 1 < text.size() && is_continuation(static_cast<unsigned char>(text[i + 1]));
        if (!inside) out += to;
    }
    return out;
}

}  // namespace

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    if (from.empty()) return insert_everywhere(text, to);
    std::string out;
    std::size_t begin = 0;
    for (std::size_t at = text.find(from); at != std::string_view::npos;
         at = text.find(from, begin)) {
        out += text.substr(begin, at - begin);
        out += to;
        begin = at + from.size();
    }
    out += text.substr(begin);
    return out;
}

std::string clean_up(std::string_view text) {
    std::string cleaned(text);
    // Every rule needs a space.
    if (cleaned.find(' ') == std::string::npos) return cleaned;
    for (Rule const& rule : kCleanUp) {
        if (cleaned.find(rule.from) != std::string::npos) {
            cleaned = replace_all(cleaned, rule.from, rule.to);
        }
    }
    return cleaned;
}

}  // namespace tokmill::stages
