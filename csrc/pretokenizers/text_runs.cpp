#include "pretokenizers/text_runs.h"

#include <array>
#include <cstdint>

#include "core/utf8_decode.h"
#include "pretokenizers/char_class.h"

namespace tokmill {
namespace {

std::uint8_t class_at(std::string_view text, std::size_t at) noexcept {
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data()) + at;
    std::uint32_t const code_point = *bytes < 0x80 ? *bytes : decode_char(bytes).code_point;
    return char_class(bmp_char_classes().data(), code_point);
}

std::uint8_t class_before(std::string_view text, std::size_t at) noexcept {
    do --at;
    while (at > 0 && is_continuation(static_cast<unsigned char>(text[at])));
    return class_at(text, at);
}

}  // namespace

bool can_cut_words(std::string_view text, std::size_t at) noexcept {
    char const behind = text[at];
    std::uint8_t const before = class_before(text, at);
    if (behind == ' ') return before != kSpace;
    bool const is_word =
        before == kUpper || before == kLower || before == kBothCases || before == kNumber;
    if (!is_word || behind == '\'') return false;
    std::uint8_t const behind_class = class_at(text, at);
    return behind_class == kOther || behind_class == kSpace;
}

std::size_t find_cut_of_words(std::string_view text, std::size_t from) noexcept {
    for (std::size_t at = from; at < text.size(); ++at) {
        bool const is_start = !is_continuation(static_cast<unsigned char>(text[at]));
        if (is_start && can_cut_words(text, at)) return at;
    }
    return text.size();
}

}  // namespace tokmill
