// A flat hash map from byte strings to their places in a list, for the vocabularies of definition
// files. The hash is seeded per process, so that no file can be made to collide; nothing visible
// depends on it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tokmill {

class PieceIndex {
 public:
    static constexpr std::uint32_t kMissing = 0xFFFFFFFFu;

    PieceIndex() : PieceIndex(std::span<std::string_view const>{}) {}
    // Every key of `keys`, mapped to its place in the span; of equal keys, the last one counts.
    // `keys` and their bytes must stay where they are.
    explicit PieceIndex(std::span<std::string_view const> keys);

    bool has_duplicates() const noexcept { return has_duplicates_; }

    // The place of the key, or kMissing.
    std::uint32_t find(std::string_view key) const noexcept { return find(probe(key)); }

    // The steps of find(), so that the cache misses of many lookups overlap: make all probes and
    // prefetch them, prefetch the keys, prefetch their bytes, then find.
    struct Probe {
        std::string_view key;
        std::uint64_t head;  // the first eight bytes, zeros behind the end
        std::uint64_t hash;
    };
    Probe probe(std::string_view key) const noexcept {
        std::uint64_t const head = load_head(key);
        return {key, head, hash(key, head)};
    }
    // The probe for the two keys one after the other; their bytes are joined in `buffer`, which has
    // room for both, if they are needed at all.
    Probe probe_joined(Probe const& left, Probe const& right, char* buffer) const noexcept;
    void prefetch(Probe const& probe) const noexcept {
        __builtin_prefetch(slots_.data() + (probe.hash & mask_));
    }
    void prefetch_key(Probe const& probe) const noexcept {
        std::uint32_t const entry = slots_[probe.hash & mask_].entry;
        if (probe.key.size() > 8 && entry != kMissing) __builtin_prefetch(keys_.data() + entry);
    }
    void prefetch_bytes(Probe const& probe) const noexcept {
        std::uint32_t const entry = slots_[probe.hash & mask_].entry;
        if (probe.key.size() > 8 && entry != kMissing) __builtin_prefetch(keys_[entry].data());
    }
    std::uint32_t find(Probe const& probe) const noexcept;

 private:
    // Keys of up to eight bytes, the great majority, are told apart without looking elsewhere.
    struct Slot {
        std::uint64_t head = 0;
        std::uint32_t tag = 0;  // of the hash; its lowest byte is the length, 255 for longer ones
        std::uint32_t entry = kMissing;
    };

    static std::uint64_t load_head(std::string_view key) noexcept;
    std::uint64_t hash(std::string_view key, std::uint64_t head) const noexcept;
    static std::uint32_t tag_of(Probe const& probe) noexcept {
        auto const length =
            static_cast<std::uint32_t>(probe.key.size() < 255 ? probe.key.size() : 255);
        return (static_cast<std::uint32_t>(probe.hash >> 32) & ~std::uint32_t{255}) | length;
    }
    bool matches(Slot const& slot, Probe const& probe, std::uint32_t tag) const noexcept {
        return slot.tag == tag && slot.head == probe.head &&
               (probe.key.size() <= 8 || keys_[slot.entry] == probe.key);
    }

    std::span<std::string_view const> keys_;
    std::vector<Slot> slots_;
    std::uint64_t seed_;
    std::uint64_t mask_ = 0;
    bool has_duplicates_ = false;
};

}  // namespace tokmill
