// The tables for long pre-tokens, made when the first of them make it worth while: short texts
// never need them, and loading does not wait for them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "core/lazy.h"
#include "models/backtrack.h"
#include "models/run_merge.h"

namespace tokmill {

class LazyBacktrack {
 public:
    // `ready` may be null. The pairs must outlive this.
    LazyBacktrack(PairTable const& pairs, std::size_t symbols,
                  std::unique_ptr<BacktrackTables const> ready)
        : pairs_(&pairs), symbols_(symbols), tables_(std::move(ready)) {}

    // Appends the symbols of a pre-token.
    void encode(unsigned char const* text, std::size_t size, std::vector<Symbol>& out) const {
        if (merge_run(*pairs_, text, size, out)) return;
        BacktrackTables const* tables = tables_.made();
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
        return tables_.get([this] { return make_backtrack_tables(*pairs_, symbols_); });
    }

 private:
    PairTable const* pairs_;
    std::size_t symbols_;
    Lazy<BacktrackTables> tables_;
    mutable std::atomic<std::size_t> merged_bytes_{0};
};

}  // namespace tokmill
