// Random numbers for sampling: one generator a thread.
#pragma once

#include <cstdint>
#include <random>

namespace tokmill::sentencepiece {

using RandomGenerator = std::mt19937_64;

// The generator of this thread. It begins with the seed that was set last, or with a random one.
RandomGenerator& random_generator();

// Restarts the generator of this thread, and determines where those of threads begin that have not
// drawn yet. The largest value is ignored: it stands for a random seed.
void set_random_seed(std::uint32_t seed);

}  // namespace tokmill::sentencepiece
