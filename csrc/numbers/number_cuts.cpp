#include "numbers/number_cuts.h"

#include <string>

#include "pretokenizers/text_runs.h"

namespace tokmill::numbers {

NumberCuts::NumberCuts(Scheme const& scheme)
    : exist_(scheme.exempt.empty() && scheme.overflow != Overflow::error) {
    for (char const c : {' ', '\n', '\r', '\t', ')', ']', '}', ';'}) {
        cuts_[static_cast<unsigned char>(c)] = true;
    }
    cuts_[static_cast<unsigned char>(scheme.point)] = false;
    for (std::string const& separator : scheme.separators) {
        cuts_[static_cast<unsigned char>(separator.front())] = false;
    }
}

std::size_t NumberCuts::find(std::string_view text, std::size_t from) const noexcept {
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!cuts_[static_cast<unsigned char>(text[at])]) continue;
        auto const before = static_cast<unsigned char>(text[at - 1]);
        bool const is_word = static_cast<unsigned>((before | 0x20) - 'a') < 26 ||
                             static_cast<unsigned>(before - '0') < 10;
        if ((is_word || before >= 0x80) && can_cut_words(text, at)) return at;
    }
    return text.size();
}

}  // namespace tokmill::numbers
