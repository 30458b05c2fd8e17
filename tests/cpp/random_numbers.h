// Random numbers that are the same in every run.
#pragma once

#include <cstddef>
#include <random>

namespace tokmill::test {

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t bound) {
    return static_cast<std::size_t>(random() % bound);
}

}  // namespace tokmill::test
