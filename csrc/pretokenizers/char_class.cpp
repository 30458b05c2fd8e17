#include "pretokenizers/char_class.h"

#include "unicode/properties.h"

namespace tokmill {

std::uint8_t classify_char(std::uint32_t code_point) noexcept {
    if (unicode::is_white_space(code_point)) return kSpace;
    unicode::Category const category = unicode::category(code_point);
    if (category == unicode::Category::Lu || category == unicode::Category::Lt) return kUpper;
    if (category == unicode::Category::Ll) return kLower;
    if (unicode::is_letter(category)) return kBothCases;
    if (unicode::is_mark(category)) return kMark;
    if (unicode::is_number(category)) return kNumber;
    return kOther;
}

std::array<std::uint8_t, 0x10000> const& bmp_char_classes() {
    static auto const classes = [] {
        std::array<std::uint8_t, 0x10000> table{};
        for (std::uint32_t c = 0; c < table.size(); ++c) table[c] = classify_char(c);
        return table;
    }();
    return classes;
}

}  // namespace tokmill
