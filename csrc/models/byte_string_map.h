// Exact map from byte strings of any length to ids: the vocabulary's own index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/array.h"

namespace tokmill {

inline constexpr std::uint32_t kNoId = 0xFFFFFFFF;

std::uint64_t hash_bytes(unsigned char const* text, std::size_t size) noexcept;

class ByteStringMap {
 public:
    struct Slot {
        std::uint32_t begin, size;  // in the pool
        std::uint32_t id;           // kNoId: a free slot
        std::uint32_t tag;          // lower half of the hash
    };
    using Word = std::pair<std::string_view, std::uint32_t>;

    // Of several words with the same bytes the last counts. At most 4 GiB in all.
    explicit ByteStringMap(std::span<Word const> words = {});
    ByteStringMap(Array<char> pool, Array<Slot> slots);  // snapshot form

    std::uint32_t find(std::string_view text) const noexcept;  // kNoId if absent
    Array<char> const& pool() const noexcept { return pool_; }
    Array<Slot> const& slots() const noexcept { return slots_; }

 private:
    Array<char> pool_;
    Array<Slot> slots_;  // a power of two
};

}  // namespace tokmill
