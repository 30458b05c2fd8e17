// Open addressing with linear probing, at most half full; keys are hashed by folded 64 x 64 -> 128
// bit multiplication.
#include "core/piece_index.h"

#include <bit>
#include <cstring>
#include <random>

namespace tokmill {

namespace {

std::uint64_t process_seed() {
    static std::uint64_t const seed = [] {
        std::random_device device;
        return (static_cast<std::uint64_t>(device()) << 32) | device();
    }();
    return seed;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ typedef unsigned __int128 Wide;
    Wide const product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <typename Word>
std::uint64_t load(char const* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

constexpr std::uint64_t kMixA = 0x9E3779B97F4A7C15u;  // the golden ratio and the square roots
constexpr std::uint64_t kMixB = 0xBB67AE8584CAA73Bu;  // of 3 and 5, as odd fractions of 2^64
constexpr std::uint64_t kMixC = 0x3C6EF372FE94F82Bu;

}  // namespace

std::uint64_t PieceIndex::hash(std::string_view key) const noexcept {
    static std::uint64_t const seed = process_seed();
    char const* p = key.data();
    std::size_t left = key.size();
    std::uint64_t state = seed ^ (left * kMixA);
    while (left > 16) {
        state = fold(load<std::uint64_t>(p) ^ state, load<std::uint64_t>(p + 8) ^ kMixB);
        p += 16;
        left -= 16;
    }
    // Two words that overlap cover any tail without reading beyond the key.
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    if (left >= 8) {
        first = load<std::uint64_t>(p);
        second = load<std::uint64_t>(p + left - 8);
    } else if (left >= 4) {
        first = load<std::uint32_t>(p);
        second = load<std::uint32_t>(p + left - 4);
    } else if (left > 0) {
        auto const byte = [&](std::size_t i) {
            return std::uint64_t{static_cast<unsigned char>(p[i])};
        };
        first = byte(0) | (byte(left / 2) << 8) | (byte(left - 1) << 16);
    }
    return fold(fold(first ^ state, second ^ kMixC), seed ^ kMixB);
}

PieceIndex::PieceIndex(std::span<std::string_view const> keys) : keys_(keys) {
    std::size_t const size = std::bit_ceil(keys.size() * 2 + 1);
    slots_.resize(size);
    mask_ = size - 1;
    // Hashes are made some keys ahead of their use, to hide the cache misses of the table.
    constexpr std::size_t kAhead = 16;
    std::uint64_t hashes[kAhead];
    for (std::size_t i = 0; i < keys.size() + kAhead; ++i) {
        std::uint64_t& cell = hashes[i % kAhead];
        if (i >= kAhead) {
            auto const entry = static_cast<std::uint32_t>(i - kAhead);
            auto const tag = static_cast<std::uint32_t>(cell >> 32);
            std::uint64_t at = cell & mask_;
            while (slots_[at].entry != kMissing &&
                   !(slots_[at].tag == tag && keys_[slots_[at].entry] == keys_[entry])) {
                at = (at + 1) & mask_;
            }
            has_duplicates_ |= slots_[at].entry != kMissing;
            slots_[at] = {tag, entry};
        }
        if (i < keys.size()) {
            cell = hash(keys[i]);
            prefetch(cell);
        }
    }
}

void PieceIndex::prefetch_key(std::uint64_t hash) const noexcept {
    Slot const& slot = slots_[hash & mask_];
    if (slot.entry != kMissing) __builtin_prefetch(keys_.data() + slot.entry);
}

void PieceIndex::prefetch_text(std::uint64_t hash) const noexcept {
    Slot const& slot = slots_[hash & mask_];
    if (slot.entry != kMissing) __builtin_prefetch(keys_[slot.entry].data());
}

std::uint32_t PieceIndex::find(std::string_view key, std::uint64_t hash) const noexcept {
    auto const tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::uint64_t at = hash & mask_; slots_[at].entry != kMissing; at = (at + 1) & mask_) {
        Slot const& slot = slots_[at];
        if (slot.tag == tag && keys_[slot.entry] == key) return slot.entry;
    }
    return kMissing;
}

}  // namespace tokmill
