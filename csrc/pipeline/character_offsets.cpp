#include "pipeline/character_offsets.h"

#include "core/utf8_decode.h"
#include "simd/utf8.h"

namespace tokmill {

CharacterOffsets::CharacterOffsets(std::string_view text) {
    if (simd::is_ascii(text)) return;
    character_.resize(text.size());
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        count += !is_continuation(static_cast<unsigned char>(text[i]));
        character_[i] = count - 1;
    }
}

Span CharacterOffsets::operator()(Span bytes) const noexcept {
    if (character_.empty()) return bytes;
    if (bytes.size() != 0) {
        return {character_[bytes.begin], std::size_t{character_[bytes.end - 1]} + 1};
    }
    std::size_t const at = bytes.begin < character_.size() ? character_[bytes.begin]
                                                           : std::size_t{character_.back()} + 1;
    return {at, at};
}

}  // namespace tokmill
