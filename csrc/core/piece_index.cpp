// Open addressing with linear probing, at most half full; keys are hashed by folded 64 x 64 -> 128
// bit multiplication.
#include "core/piece_index.h"

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

// Without reading beyond the key.
std::uint64_t PieceIndex::load_head(std::string_view key) noexcept {
    char const* const p = key.data();
    std::size_t const size = key.size();
    if (size >= 8) return load<std::uint64_t>(p);
    if constexpr (std::endian::native == std::endian::little) {
        if (size >= 4) {
            return load<std::uint32_t>(p) | (load<std::uint32_t>(p + size - 4) << (8 * (size - 4)));
        }
    }
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < size; ++i) {
        head |= std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
    }
    return head;
}

std::uint64_t PieceIndex::hash(std::string_view key, std::uint64_t head) const noexcept {
    std::uint64_t state = seed_ ^ (key.size() * kMixA);
    if (key.size() > 8) {
        // The head, whole words behind it, and a last word that overlaps what is hashed already.
        char const* const last = key.data() + key.size() - 8;
        for (char const* p = key.data() + 8; p < last; p += 8) {
            state = fold(state ^ load<std::uint64_t>(p), kMixB);
        }
        state = fold(state ^ load<std::uint64_t>(last), kMixC);
    }
    return fold(head ^ state, seed_ ^ kMixB);
}

PieceIndex::Probe PieceIndex::probe_joined(Probe const& left, Probe const& right,
                                           char* buffer) const noexcept {
    std::size_t const size = left.key.size() + right.key.size();
    if (size <= 8 && !left.key.empty() && !right.key.empty() &&
        std::endian::native == std::endian::little) {
        // Both fit one word, and shorter keys than nine bytes are looked up by that alone.
        std::uint64_t const head = left.head | (right.head << (8 * left.key.size()));
        std::string_view const key(left.key.data(), size);
        return {key, head, hash(key, head)};
    }
    std::memcpy(buffer, left.key.data(), left.key.size());
    std::memcpy(buffer + left.key.size(), right.key.data(), right.key.size());
    return probe({buffer, size});
}

PieceIndex::PieceIndex(std::span<std::string_view const> keys)
    : keys_(keys), seed_(process_seed()) {
    std::size_t const size = std::bit_ceil(keys.size() * 2 + 1);
    slots_.resize(size);
    mask_ = size - 1;
    // Probes are made some keys ahead of their use, to hide the cache misses of the table.
    constexpr std::size_t kAhead = 16;
    Probe probes[kAhead]{};
    for (std::size_t i = 0; i < keys.size() + kAhead; ++i) {
        Probe& ahead = probes[i % kAhead];
        if (i >= kAhead) {
            std::uint32_t const tag = tag_of(ahead);
            std::uint64_t at = ahead.hash & mask_;
            while (slots_[at].entry != kMissing && !matches(slots_[at], ahead, tag)) {
                at = (at + 1) & mask_;
            }
            has_duplicates_ |= slots_[at].entry != kMissing;
            slots_[at] = {ahead.head, tag, static_cast<std::uint32_t>(i - kAhead)};
        }
        if (i < keys.size()) {
            ahead = probe(keys[i]);
            prefetch(ahead);
        }
    }
}

std::uint32_t PieceIndex::find(Probe const& probe) const noexcept {
    std::uint32_t const tag = tag_of(probe);
    for (std::uint64_t at = probe.hash & mask_; slots_[at].entry != kMissing;
         at = (at + 1) & mask_) {
        if (matches(slots_[at], probe, tag)) return slots_[at].entry;
    }
    return kMissing;
}

}  // namespace tokmill
