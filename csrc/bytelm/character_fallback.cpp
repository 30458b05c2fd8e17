#include "bytelm/character_fallback.h"

#include <algorithm>

namespace tokmill::bytelm {

namespace {

constexpr std::uint32_t kSurrogates = 0xD800, kBehindSurrogates = 0xE000;

}  // namespace

CharacterFallback::CharacterFallback(std::span<std::uint32_t const, 256> places,
                                     std::vector<std::uint32_t> known)
    : known_(std::move(known)) {
    std::copy(places.begin(), places.end(), places_.begin());
    bytes_.reserve(places_.size());
    for (std::size_t byte = 0; byte < places_.size(); ++byte) {
        bytes_.emplace_back(places_[byte], static_cast<std::uint8_t>(byte));
    }
    std::sort(bytes_.begin(), bytes_.end());
    std::erase_if(known_,
                  [](std::uint32_t c) { return c >= kSurrogates && c < kBehindSurrogates; });
    std::sort(known_.begin(), known_.end());
    known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
}

int CharacterFallback::byte_at(std::uint32_t place) const noexcept {
    auto const found =
        std::lower_bound(bytes_.begin(), bytes_.end(), std::pair(place, std::uint8_t{0}));
    return found != bytes_.end() && found->first == place ? found->second : -1;
}

bool CharacterFallback::allows(Part part, unsigned char byte) const noexcept {
    CodePointRange const range =
        characters_with_prefix(part.bytes << 8 | byte, std::size_t{part.count} + 1);
    if (range.empty()) return false;
    std::size_t size = range.last - range.first + 1;
    if (range.first < kSurrogates && range.last >= kBehindSurrogates) {
        size -= kBehindSurrogates - kSurrogates;
    }
    auto const first = std::lower_bound(known_.begin(), known_.end(), range.first);
    auto const last = std::upper_bound(first, known_.end(), range.last);
    return size > static_cast<std::size_t>(last - first);
}

CharacterFallback::Part CharacterFallback::append(Part part, unsigned char byte) noexcept {
    Part const next{part.bytes << 8 | byte, static_cast<std::uint8_t>(part.count + 1)};
    auto const lead = static_cast<unsigned char>(next.bytes >> 8 * (next.count - 1));
    return next.count < utf8_size(lead) ? next : Part{};
}

}  // namespace tokmill::bytelm
