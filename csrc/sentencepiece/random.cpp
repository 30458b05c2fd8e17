#include "sentencepiece/random.h"

#include <atomic>

namespace tokmill::sentencepiece {
namespace {

constexpr std::uint32_t kNoSeed = 0xFFFFFFFF;
std::atomic<std::uint32_t> seed_of_new_threads{kNoSeed};

RandomGenerator seeded(std::uint32_t seed) {
    std::seed_seq sequence{seed};
    return RandomGenerator(sequence);
}

RandomGenerator first_generator() {
    std::uint32_t const seed = seed_of_new_threads.load();
    if (seed != kNoSeed) return seeded(seed);
    std::random_device device;
    std::seed_seq sequence{device(), device(), device(), device()};
    return RandomGenerator(sequence);
}

}  // namespace

RandomGenerator& random_generator() {
    thread_local RandomGenerator generator = first_generator();
    return generator;
}

void set_random_seed(std::uint32_t seed) {
    if (seed == kNoSeed) return;
    seed_of_new_threads.store(seed);
    random_generator() = seeded(seed);
}

}  // namespace tokmill::sentencepiece
