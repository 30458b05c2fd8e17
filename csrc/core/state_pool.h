// States (caches and scratch) that calls borrow. Lock-free: a child process that was forked in the
// middle of a call finds no lock held, at worst an empty place.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace tokmill {

// A State is made from the bytes that its caches may take.
template <class State>
class StatePool {
 public:
    StatePool() = default;
    ~StatePool() { clear(); }

    // Gives the state back when it goes out of scope.
    class Borrowed {
     public:
        Borrowed(StatePool& pool, std::unique_ptr<State> state)
            : pool_(&pool), state_(std::move(state)) {}
        Borrowed(Borrowed&&) noexcept = default;
        ~Borrowed() {
            if (state_ != nullptr) pool_->put(std::move(state_));
        }
        State& operator*() const noexcept { return *state_; }
        State* operator->() const noexcept { return state_.get(); }

     private:
        StatePool* pool_;
        std::unique_ptr<State> state_;
    };

    Borrowed borrow() {
        for (auto& place : places_) {
            if (place.load(std::memory_order_relaxed) == nullptr) continue;
            if (State* const state = place.exchange(nullptr, std::memory_order_acquire)) {
                return {*this, std::unique_ptr<State>(state)};
            }
        }
        return {*this, std::make_unique<State>(budget_.load(std::memory_order_relaxed))};
    }

    void set_budget(std::size_t bytes) noexcept {
        budget_.store(bytes, std::memory_order_relaxed);
        clear();
    }

 private:
    static constexpr std::size_t kDefaultBudget = std::size_t{64} << 20;

    void clear() noexcept {
        for (auto& place : places_) delete place.exchange(nullptr, std::memory_order_acquire);
    }
    void put(std::unique_ptr<State> state) noexcept {
        for (auto& place : places_) {
            State* expected = nullptr;
            if (place.compare_exchange_strong(expected, state.get(), std::memory_order_release,
                                              std::memory_order_relaxed)) {
                static_cast<void>(state.release());
                return;
            }
        }
    }

    std::array<std::atomic<State*>, 256> places_{};
    std::atomic<std::size_t> budget_{kDefaultBudget};
};

}  // namespace tokmill
