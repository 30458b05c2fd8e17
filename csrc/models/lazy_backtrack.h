// The tables for long pre-tokens, made when the first of them make it worth while: short texts
// never need them, and loading does not wait for them.
//
// Lock-free: a child process that was forked while another thread was making them just makes its
// own.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "models/backtrack.h"

namespace tokmill {

class LazyBacktrack {
 public:
    // `ready` may be null. The pairs must outlive this.
    LazyBacktrack(PairTable const& pairs, std::size_t symbols,
                  std::unique_ptr<BacktrackTables const> ready)
        : pairs_(&pairs), symbols_(symbols), tables_(ready.release()) {}
    ~LazyBacktrack() { delete tables_.load(std::memory_order_relaxed); }

    // Appends the symbols of a pre-token.
    void encode(unsigned char const* text, std::size_t size, std::vector<Symbol>& out) const {
        BacktrackTables const* tables = tables_.load(std::memory_order_acquire);
        if (tables == nullptr) {
            // To merge as many bytes without them takes about as long as to make the tables.
            std::size_t const worth_while = symbols_ * 8;
            if (merged_bytes_.fetch_add(size, std::memory_order_relaxed) + size < worth_while) {
                return BpeMerger(*pairs_).merge(text, size, out);
            }
            tables = &get();
        }
        BacktrackEncoder(*tables, *pairs_).encode(text, size, out);
    }

    BacktrackTables const& get() const {
        BacktrackTables const* tables = tables_.load(std::memory_order_acquire);
        if (tables != nullptr) return *tables;
        auto made =
            std::make_unique<BacktrackTables const>(make_backtrack_tables(*pairs_, symbols_));
        // Another thread may have been faster.
        if (tables_.compare_exchange_strong(tables, made.get(), std::memory_order_acq_rel)) {
            return *made.release();
        }
        return *tables;
    }

 private:
    PairTable const* pairs_;
    std::size_t symbols_;
    mutable std::atomic<BacktrackTables const*> tables_;
    mutable std::atomic<std::size_t> merged_bytes_{0};
};

}  // namespace tokmill
