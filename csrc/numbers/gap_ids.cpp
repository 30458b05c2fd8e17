#include "numbers/gap_ids.h"

#include <algorithm>
#include <string>

#include "core/id_buffer.h"

namespace tokmill::numbers {
namespace {

bool is_letter_or_digit(unsigned char c) {
    return static_cast<unsigned>((c | 0x20) - 'a') < 26 || static_cast<unsigned>(c - '0') < 10;
}

}  // namespace

GapIds::GapIds(BaseSegments const& segments, SpecialDigits const& special_digits) {
    characters_.fill(kNoId);
    EncodeOptions options;
    options.add_special_tokens = false;
    IdBuffer ids;
    auto const encode = [&](std::string_view text) {
        ids.clear();
        segments.encode(Segment{text, 0, false, false, true}, options, ids);
    };
    std::string in_pairs;
    for (unsigned char c = 0; c < 128 && segments.repeats(); ++c) {
        char const text = static_cast<char>(c);
        if (special_digits.may_begin(text)) continue;
        encode({&text, 1});
        if (ids.size() != 1) continue;
        characters_[c] = *ids.data();
        bool const is_control = c < ' ' && c != '\n' && c != '\t' && c != '\r';
        if (!is_letter_or_digit(c) && !is_control && segments.feeds(options) != nullptr)
            in_pairs += text;
    }
    for (char const c : in_pairs) {
        place_[static_cast<unsigned char>(c)] = static_cast<std::uint8_t>(places_++);
    }
    pairs_.resize(places_ * places_);
    for (char const first : in_pairs) {
        for (char const second : in_pairs) {
            char const text[] = {first, second};
            encode({text, 2});
            if (ids.size() > 2) continue;
            Pair& pair = pairs_[place_[static_cast<unsigned char>(first)] * places_ +
                                place_[static_cast<unsigned char>(second)]];
            std::copy(ids.begin(), ids.end(), pair.ids);
            pair.count = static_cast<std::uint32_t>(ids.size());
        }
    }
}

}  // namespace tokmill::numbers
