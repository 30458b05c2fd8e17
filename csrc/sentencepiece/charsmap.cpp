#include "sentencepiece/charsmap.h"

#include "core/error.h"

namespace tokmill::sentencepiece {
namespace {

[[noreturn]] void fail(char const* reason) {
    throw Error(ErrorKind::invalid_tokenizer, reason);
}

std::uint32_t read_u32(char const* p) {
    std::uint32_t value = 0;
    for (unsigned i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(p[i]);
    return value;
}

}  // namespace

Charsmap::Charsmap(std::string_view blob) {
    if (blob.size() <= 4) fail("Blob for normalization rule is broken.");
    std::size_t const size = read_u32(blob.data());
    blob.remove_prefix(4);
    if (size >= blob.size()) fail("Trie data size exceeds the input blob size.");
    if (size < 1024 || size % 1024 != 0) fail("Trie data size is not divisible by 1024.");
    replacements_ = blob.substr(size);
    if (replacements_.back() != '\0') fail("normalized block must be null terminated.");
    units_.resize(size / 4);
    for (std::size_t i = 0; i < units_.size(); ++i) units_[i] = read_u32(blob.data() + 4 * i);
    if (!is_closed()) fail("precompiled_charsmap is invalid.");
}

bool Charsmap::is_closed() const noexcept {
    std::size_t const size = units_.size();
    auto const reaches = [&](std::size_t i) { return ((i ^ offset(units_[i])) | 0xFF) < size; };
    if (label(units_[0]) != 0 || has_leaf(units_[0]) || offset(units_[0]) == 0 || !reaches(0)) {
        return false;
    }
    for (std::size_t i = 1; i < size; ++i) {
        std::uint32_t const unit = units_[i];
        if (label(unit) > 0xFF) {
            if (value(unit) >= replacements_.size()) return false;
        } else if (!reaches(i) || (has_leaf(unit) && label(units_[i ^ offset(unit)]) <= 0xFF)) {
            return false;
        }
    }
    return true;
}

bool Charsmap::leaves_alone(std::string_view text) const noexcept {
    if (units_.empty()) return true;
    std::size_t node = offset(units_[0]);
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        node ^= byte;
        if (label(units_[node]) != byte) return true;
        if (has_leaf(units_[node])) return false;
        node ^= offset(units_[node]);
    }
    return false;
}

std::vector<std::pair<std::string, std::string>> Charsmap::entries() const {
    std::vector<std::pair<std::string, std::string>> entries;
    if (units_.empty()) return entries;
    // Depth first, without recursion: what is still to visit, the next one last. Texts share the
    // nodes of their ends, and in a hostile array nodes can form cycles: hence the limit.
    constexpr std::size_t kMaxVisits = std::size_t{1} << 22;
    struct Place {
        std::size_t children;
        bool has_leaf;
        std::string text;
    };
    std::vector<Place> open;
    open.push_back({offset(units_[0]), false, {}});
    std::size_t visited = 0;
    while (!open.empty()) {
        Place const place = std::move(open.back());
        open.pop_back();
        if (++visited > kMaxVisits) fail("precompiled_charsmap is invalid.");
        for (unsigned byte = 256; byte-- > 0;) {
            std::size_t const child = place.children ^ byte;
            if (child == 0 || label(units_[child]) != byte) continue;
            open.push_back({child ^ offset(units_[child]), has_leaf(units_[child]),
                            place.text + static_cast<char>(static_cast<unsigned char>(byte))});
        }
        if (!place.has_leaf) continue;
        char const* const replacement = replacements_.data() + value(units_[place.children]);
        entries.emplace_back(place.text, std::string(replacement));
    }
    return entries;
}

}  // namespace tokmill::sentencepiece
