// A value that is made when it is first asked for.
//
// Lock-free: a child process that was forked while another thread was making the value just makes
// its own, and an exception from the maker leaves things as they were. Two threads may both make
// the value; the one that is later throws its own away.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace tokmill {

template <class T>
class Lazy {
 public:
    Lazy() = default;
    explicit Lazy(std::unique_ptr<T const> ready) : value_(ready.release()) {}
    Lazy(Lazy const&) = delete;
    ~Lazy() { delete value_.load(std::memory_order_relaxed); }

    // Null if it has not been made.
    T const* made() const noexcept { return value_.load(std::memory_order_acquire); }

    // `make()` returns a T.
    template <class Make>
    T const& get(Make const& make) const {
        if (T const* const value = made()) return *value;
        auto mine = std::make_unique<T const>(make());
        T const* theirs = nullptr;
        if (value_.compare_exchange_strong(theirs, mine.get(), std::memory_order_acq_rel)) {
            return *mine.release();
        }
        return *theirs;
    }

 private:
    mutable std::atomic<T const*> value_{nullptr};
};

}  // namespace tokmill
