// Encoding states (caches and scratch) that calls borrow. Lock-free: a child process that was
// forked in the middle of a call finds no lock held, at worst an empty place.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/id_buffer.h"
#include "models/word_state.h"
#include "pipeline/added_tokens.h"
#include "pretokenizers/pre_tokenization.h"

namespace tokmill {

struct EncodeState {
    explicit EncodeState(std::size_t cache_budget) : words(cache_budget) {}

    WordState words;
    std::vector<char> transcoded;                // the text as UTF-8
    std::string normalized;                      // of one segment
    std::vector<AddedTokenMatch> matches;        // in the text
    std::vector<AddedTokenMatch> inner_matches;  // in one normalized segment
    Pieces pieces;
    IdBuffer ids;  // of a worker's share of a batch
    static constexpr double kUsualIdsPerByte = 1.0 / 3;
    double ids_per_byte = kUsualIdsPerByte;  // of the last large batch, if it was more
};

class StatePool {
 public:
    ~StatePool() {
        for (auto& place : places_) delete place.load(std::memory_order_relaxed);
    }

    // Gives the state back when it goes out of scope.
    class Borrowed {
     public:
        Borrowed(StatePool& pool, std::unique_ptr<EncodeState> state)
            : pool_(&pool), state_(std::move(state)) {}
        Borrowed(Borrowed&&) noexcept = default;
        ~Borrowed() {
            if (state_ != nullptr) pool_->put(std::move(state_));
        }
        EncodeState& operator*() const noexcept { return *state_; }
        EncodeState* operator->() const noexcept { return state_.get(); }

     private:
        StatePool* pool_;
        std::unique_ptr<EncodeState> state_;
    };

    Borrowed borrow() {
        for (auto& place : places_) {
            if (place.load(std::memory_order_relaxed) == nullptr) continue;
            if (EncodeState* const state = place.exchange(nullptr, std::memory_order_acquire)) {
                return {*this, std::unique_ptr<EncodeState>(state)};
            }
        }
        return {*this, std::make_unique<EncodeState>(budget_.load(std::memory_order_relaxed))};
    }

    void set_budget(std::size_t bytes) noexcept {
        budget_.store(bytes, std::memory_order_relaxed);
        for (auto& place : places_) delete place.exchange(nullptr, std::memory_order_acquire);
    }

 private:
    static constexpr std::size_t kDefaultBudget = std::size_t{64} << 20;

    void put(std::unique_ptr<EncodeState> state) noexcept {
        for (auto& place : places_) {
            EncodeState* expected = nullptr;
            if (place.compare_exchange_strong(expected, state.get(), std::memory_order_release,
                                              std::memory_order_relaxed)) {
                static_cast<void>(state.release());
                return;
            }
        }
    }

    std::array<std::atomic<EncodeState*>, 256> places_{};
    std::atomic<std::size_t> budget_{kDefaultBudget};
};

}  // namespace tokmill
