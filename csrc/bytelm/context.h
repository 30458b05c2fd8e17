// A sequence of tokens that may begin a text, with what is known about it: its probability, and the
// model's distribution of the next token.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bytelm/canonicality.h"
#include "bytelm/prepared_row.h"

namespace tokmill::bytelm {

class Context;
using ContextPtr = std::shared_ptr<Context const>;

// The tokens, as a list that contexts share.
struct Path {
    Path(std::shared_ptr<Path const> before, std::uint32_t last);
    ~Path();
    Path(Path const&) = delete;
    Path& operator=(Path const&) = delete;

    mutable std::shared_ptr<Path const> parent;
    std::uint32_t id;
    std::uint32_t length;
};

// What follows from the tokens never changes. Rows and probabilities are filled in once, when the
// model has supplied them, for all states that share the context.
class Context {
 public:
    // The empty sequence.
    explicit Context(Canonicality::StatePtr canonical) : canonical_(std::move(canonical)) {
        log_probability_ = 0;
    }
    // `origin` and one more token, the one at `place`.
    Context(ContextPtr origin, std::uint32_t place, std::uint32_t id,
            Canonicality::StatePtr canonical);
    ~Context();

    std::vector<std::uint32_t> tokens() const;
    std::uint32_t length() const noexcept { return path_ == nullptr ? 0 : path_->length; }
    // The context without the last token; null once the probability is known.
    ContextPtr origin() const;
    std::uint32_t last_token() const noexcept { return path_->id; }  // unless it is empty
    Canonicality::State const& canonical() const noexcept { return *canonical_; }

    std::shared_ptr<PreparedRow const> row() const;
    void set_row(std::shared_ptr<PreparedRow const> row) const;

    // Nothing while rows of shorter contexts are missing; appends those (the shortest first) to
    // `missing`, if given.
    std::optional<double> log_probability(std::vector<ContextPtr>* missing = nullptr) const;
    // Not less than the log-probability: that of the longest beginning for which it is known.
    double log_bound() const;

 private:
    std::shared_ptr<Path const> path_;
    Canonicality::StatePtr canonical_;
    std::uint32_t place_ = 0;

    mutable std::mutex mutex_;
    mutable ContextPtr origin_;  // until the probability is known
    mutable std::optional<double> log_probability_;
    mutable std::shared_ptr<PreparedRow const> row_;
};

}  // namespace tokmill::bytelm
