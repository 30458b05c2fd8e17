// Walking the double array. A unit has a label in its low byte (and bit 31), a flag for "a key ends
// here" in bit 8, and the distance to its children above; the unit of an end has the position of
// the replacement in its low 31 bits.
#include "normalizers/charsmap.h"

#include "core/error.h"
#include "core/utf8_decode.h"
#include "simd/utf8.h"

namespace tokmill::stages {

namespace {

constexpr std::size_t kUnitSize = 4;

std::uint32_t read_32(std::string_view data, std::size_t position) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < kUnitSize; ++i) {
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[position + i]))
                 << 8 * i;
    }
    return value;
}

[[noreturn]] void invalid(std::string const& reason, std::size_t position) {
    throw Error(ErrorKind::invalid_tokenizer, "precompiled_charsmap: " + reason, position);
}

std::size_t children_offset(std::uint32_t unit) noexcept {
    return static_cast<std::size_t>(unit >> 10) << ((unit & 0x200) >> 6);
}

}  // namespace

Charsmap::Charsmap(std::string_view data) {
    if (data.size() < kUnitSize) invalid("the size of the trie is cut off", data.size());
    std::size_t const units = read_32(data, 0) / kUnitSize;
    if (units > data.size() / kUnitSize - 1) invalid("the trie is cut off", data.size());
    if (units == 0) invalid("the trie is empty", 0);
    trie_.reserve(units);
    for (std::size_t i = 1; i <= units; ++i) trie_.push_back(read_32(data, i * kUnitSize));
    std::size_t const blob = (1 + units) * kUnitSize;
    replacements_ = data.substr(blob);
    std::size_t const valid = simd::valid_utf8_prefix(replacements_);
    if (valid < replacements_.size()) invalid("a replacement is not UTF-8", blob + valid);
}

std::uint32_t Charsmap::unit(std::size_t position) const {
    if (position >= trie_.size()) {
        invalid("the trie leads to unit " + std::to_string(position) + " of " +
                    std::to_string(trie_.size()),
                kNoPosition);
    }
    return trie_[position];
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const {
    std::size_t position = children_offset(trie_[0]);
    for (char const c : text) {
        std::uint32_t const byte = static_cast<unsigned char>(c);
        if (byte == 0) break;
        position ^= byte;
        std::uint32_t const node = unit(position);
        if ((node & (1u << 31 | 0xFF)) != byte) break;
        position ^= children_offset(node);
        if (node & 0x100) return replacement(unit(position) & 0x7FFFFFFF);
    }
    return {};
}

std::string_view Charsmap::replacement(std::size_t position) const {
    bool const inside = position < replacements_.size();
    if (position > replacements_.size() ||
        (inside && is_continuation(static_cast<unsigned char>(replacements_[position])))) {
        invalid("the trie refers to " + std::to_string(position) + ", where no replacement begins",
                kNoPosition);
    }
    std::string_view const rest = std::string_view(replacements_).substr(position);
    return rest.substr(0, rest.find('\0'));
}

}  // namespace tokmill::stages
