#include "models/byte_string_map.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tokmill {

std::uint64_t hash_bytes(unsigned char const* text, std::size_t size) noexcept {
    std::uint64_t h = size * 0x9E3779B97F4A7C15u;
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, text + i, 8);
        h = (h ^ word) * 0xC2B2AE3D27D4EB4Fu;
        h ^= h >> 32;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, text + i, size - i);
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

namespace {

std::uint64_t hash_of(std::string_view text) {
    return hash_bytes(reinterpret_cast<unsigned char const*>(text.data()), text.size());
}

}  // namespace

ByteStringMap::ByteStringMap(std::span<Word const> words) {
    std::size_t total = 0;
    for (auto const& [text, id] : words) total += text.size();
    LargeVector<char> pool;
    pool.reserve(total);
    LargeVector<Slot> slots(std::bit_ceil(words.size() * 2 + 2), Slot{0, 0, kNoId, 0});
    std::size_t const mask = slots.size() - 1;
    LargeVector<std::uint64_t> hashes(words.size());
    for (std::size_t n = 0; n < words.size(); ++n) hashes[n] = hash_of(words[n].first);
    constexpr std::size_t kAhead = 16;
    for (std::size_t n = 0; n < words.size(); ++n) {
        __builtin_prefetch(&slots[hashes[std::min(n + kAhead, words.size() - 1)] >> 32 & mask]);
        auto const& [text, id] = words[n];
        std::uint64_t const hash = hashes[n];
        auto const tag = static_cast<std::uint32_t>(hash);
        std::size_t i = hash >> 32 & mask;
        while (slots[i].id != kNoId &&
               !(slots[i].tag == tag &&
                 std::string_view(pool.data() + slots[i].begin, slots[i].size) == text)) {
            i = (i + 1) & mask;
        }
        if (slots[i].id != kNoId) {
            slots[i].id = id;
            continue;
        }
        slots[i] = {static_cast<std::uint32_t>(pool.size()),
                    static_cast<std::uint32_t>(text.size()), id, tag};
        pool.insert(pool.end(), text.begin(), text.end());
    }
    pool_ = Array(std::move(pool));
    slots_ = Array(std::move(slots));
}

ByteStringMap::ByteStringMap(Array<char> pool, Array<Slot> slots)
    : pool_(std::move(pool)), slots_(std::move(slots)) {}

std::uint32_t ByteStringMap::find(std::string_view text) const noexcept {
    std::uint64_t const hash = hash_of(text);
    auto const tag = static_cast<std::uint32_t>(hash);
    std::size_t const mask = slots_.size() - 1;
    for (std::size_t i = hash >> 32 & mask; slots_[i].id != kNoId; i = (i + 1) & mask) {
        Slot const& slot = slots_[i];
        if (slot.tag == tag && slot.size == text.size() &&
            std::memcmp(pool_.data() + slot.begin, text.data(), text.size()) == 0) {
            return slot.id;
        }
    }
    return kNoId;
}

}  // namespace tokmill
