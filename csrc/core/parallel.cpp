#include "core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace tokmill {

unsigned available_threads() noexcept {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return std::max(1, CPU_COUNT(&set));
    }
#endif
    return std::max(1u, std::thread::hardware_concurrency());
}

std::size_t workers(std::size_t count, unsigned threads) noexcept {
    return std::max<std::size_t>(1, std::min<std::size_t>(threads, count));
}

void parallel_for(std::size_t count, unsigned threads,
                  std::function<void(std::size_t i, std::size_t worker)> const& body) {
    std::atomic<std::size_t> next{0};
    std::mutex failure_mutex;
    std::exception_ptr failure;
    auto const work = [&](std::size_t worker) {
        for (;;) {
            std::size_t const i = next.fetch_add(1, std::memory_order_relaxed);
            if (i >= count) return;
            try {
                body(i, worker);
            } catch (...) {
                next.store(count, std::memory_order_relaxed);
                std::lock_guard const lock(failure_mutex);
                if (!failure) failure = std::current_exception();
            }
        }
    };
    std::vector<std::thread> helpers;
    for (std::size_t worker = 1; worker < workers(count, threads); ++worker) {
        try {
            helpers.emplace_back(work, worker);
        } catch (std::system_error const&) {
            break;  // no more threads to be had: those that run do all the work
        }
    }
    work(0);
    for (std::thread& helper : helpers) helper.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace tokmill
