#include "models/run_key.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "models/word_cache.h"

namespace tokmill {

// In four strands at once: each step of one waits for a product.
WordKey run_key(std::string_view run) noexcept {
    constexpr std::size_t kStrands = 4, kStep = kStrands * sizeof(std::uint64_t);
    constexpr std::uint64_t kFactor = 0xC2B2AE3D27D4EB4Fu;
    std::uint64_t strands[kStrands] = {run.size(), 1, 2, 3};
    auto const take = [&](char const* bytes) {
        std::uint64_t words[kStrands];
        std::memcpy(words, bytes, kStep);
        for (std::size_t i = 0; i < kStrands; ++i) {
            std::uint64_t const h = (strands[i] ^ words[i]) * kFactor;
            strands[i] = h ^ h >> 32;
        }
    };
    std::size_t at = 0;
    for (; at + kStep <= run.size(); at += kStep) take(run.data() + at);
    char rest[kStep] = {};
    std::memcpy(rest, run.data() + at, run.size() - at);
    take(rest);
    std::uint64_t hash = 0;
    for (std::uint64_t const strand : strands) hash = (hash ^ strand) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
    return WordCache::long_key(hash);
}

}  // namespace tokmill
