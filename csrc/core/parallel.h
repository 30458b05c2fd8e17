// Runs a loop on several threads. The threads are started for the call and joined before it
// returns: nothing lives on that a fork could inherit in a broken state.
#pragma once

#include <cstddef>
#include <functional>

namespace tokmill {

// As many threads as this process may run on.
unsigned available_threads() noexcept;

// Calls body(i, worker) for every i below `count`, each exactly once, on up to `threads` threads
// (the caller is one of them). `worker` is the number of the thread, below workers(count, threads).
// The first exception is rethrown when all threads have stopped.
void parallel_for(std::size_t count, unsigned threads,
                  std::function<void(std::size_t i, std::size_t worker)> const& body);

std::size_t workers(std::size_t count, unsigned threads) noexcept;

}  // namespace tokmill
