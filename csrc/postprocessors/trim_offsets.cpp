// The trimming of tokenizers' ByteLevel and RobertaProcessing, which judge by the texts of tokens.
#include "postprocessors/trim_offsets.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "core/utf8_decode.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

DecodedChar character_at(std::string_view text, std::size_t i) {
    return decode_char(reinterpret_cast<unsigned char const*>(text.data()) + i);
}

// The space of the byte alphabet, and whatever is white space itself.
bool is_blank(std::uint32_t code_point) {
    return code_point == 0x120 || unicode::is_white_space(code_point);
}

std::size_t leading_blanks(std::string_view token) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < token.size(); ++count) {
        DecodedChar const c = character_at(token, i);
        if (!is_blank(c.code_point)) break;
        i += c.size;
    }
    return count;
}

std::size_t trailing_blanks(std::string_view token) {
    std::size_t count = 0;
    for (std::size_t i = token.size(); i > 0; ++count) {
        do --i;
        while (i > 0 && is_continuation(static_cast<unsigned char>(token[i])));
        if (!is_blank(character_at(token, i).code_point)) break;
    }
    return count;
}

void trim(Encoding& encoding, bool add_prefix_space) {
    for (std::size_t i = 0; i < encoding.size(); ++i) {
        Span& offset = encoding.offsets[i];
        std::size_t leading = leading_blanks(encoding.tokens[i]);
        std::size_t const trailing = trailing_blanks(encoding.tokens[i]);
        // A word of pre-tokenized input begins at 0, too, without being the first token. Several
        // blanks cannot all have been added.
        bool const is_first = i == 0 || offset.begin == 0;
        if (is_first && add_prefix_space && leading == 1) leading = 0;
        if (leading > 0) offset.begin = std::min(offset.begin + leading, offset.end);
        if (trailing > 0 && offset.end >= trailing) {
            offset.end = std::max(offset.end - trailing, offset.begin);
        }
    }
}

}  // namespace

void trim_offsets(std::vector<Encoding>& encodings, bool add_prefix_space) {
    for (Encoding& encoding : encodings) {
        trim(encoding, add_prefix_space);
        for (Encoding& rest : encoding.overflowing) trim(rest, add_prefix_space);
    }
}

}  // namespace tokmill::stages
