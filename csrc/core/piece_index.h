// A flat hash map from byte strings to 32-bit values, for the vocabularies of definition files.
// Keys are views that the caller keeps alive. The hash is seeded per process, so that no file can
// be made to collide; nothing visible depends on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tokmill {

class PieceIndex {
 public:
    PieceIndex() : PieceIndex(std::span<std::string_view const>{}) {}
    // Every key of `keys`, mapped to its place in the span; of equal keys, the last one counts.
    // `keys` must stay where it is.
    explicit PieceIndex(std::span<std::string_view const> keys);

    // The place of the key, or kMissing.
    std::uint32_t find(std::string_view key) const noexcept { return find(key, hash(key)); }

    bool has_duplicates() const noexcept { return has_duplicates_; }

    // The steps of find(), so that the cache misses of many lookups overlap: hash all of them and
    // prefetch, then prefetch_key, then prefetch_text, then find.
    std::uint64_t hash(std::string_view key) const noexcept;
    void prefetch(std::uint64_t hash) const noexcept {
        __builtin_prefetch(slots_.data() + (hash & mask_));
    }
    void prefetch_key(std::uint64_t hash) const noexcept;
    void prefetch_text(std::uint64_t hash) const noexcept;
    std::uint32_t find(std::string_view key, std::uint64_t hash) const noexcept;

    static constexpr std::uint32_t kMissing = 0xFFFFFFFFu;

 private:
    struct Slot {
        std::uint32_t tag = 0;           // high half of the hash
        std::uint32_t entry = kMissing;  // place in keys_
    };

    std::span<std::string_view const> keys_;
    std::vector<Slot> slots_;
    std::uint64_t mask_ = 0;
    bool has_duplicates_ = false;
};

}  // namespace tokmill
