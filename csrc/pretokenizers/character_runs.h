// Dividing a text by a property of its characters.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"
#include "core/utf8_decode.h"

namespace tokmill::stages {

// Every character that is_match(code point) holds for (true), alone, and what lies between them
// (false), without gaps.
template <class IsMatch>
std::vector<std::pair<Span, bool>> match_characters(std::string_view text,
                                                    IsMatch const& is_match) {
    std::vector<std::pair<Span, bool>> parts;
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        DecodedChar const c = decode_char(bytes + at);
        if (is_match(c.code_point)) {
            if (begin != at) parts.push_back({{begin, at}, false});
            begin = at + c.size;
            parts.push_back({{at, begin}, true});
        }
        at += c.size;
    }
    if (begin != text.size()) parts.push_back({{begin, text.size()}, false});
    return parts;
}

// How a character is treated: left out, joined with its neighbours of the same class, or alone.
enum class CharacterPart : unsigned char { gap, word, other, alone };

// Appends the pieces of a text whose characters part_of(code point) puts into classes.
template <class PartOf>
void cut_by_class(std::string_view text, PartOf const& part_of, std::vector<Span>& pieces) {
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
    CharacterPart previous = CharacterPart::gap;
    for (std::size_t at = 0; at < text.size();) {
        DecodedChar const c = decode_char(bytes + at);
        CharacterPart const part = part_of(c.code_point);
        if (part != CharacterPart::gap) {
            bool const joins = part == previous && part != CharacterPart::alone;
            if (!joins) pieces.push_back({at, at});
            pieces.back().end = at + c.size;
        }
        previous = part;
        at += c.size;
    }
}

}  // namespace tokmill::stages
