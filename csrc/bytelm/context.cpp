#include "bytelm/context.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tokmill::bytelm {
namespace {

constexpr double kNoMass = -std::numeric_limits<double>::infinity();

// Lets go of a chain link by link: the default way takes one frame of the stack a link.
template <class Link, class Next>
void unravel(std::shared_ptr<Link> link, Next const& next) {
    while (link != nullptr && link.use_count() == 1) {
        std::shared_ptr<Link> further = std::move(next(*link));
        link = std::move(further);
    }
}

}  // namespace

Path::Path(std::shared_ptr<Path const> before, std::uint32_t last)
    : parent(std::move(before)), id(last), length(parent == nullptr ? 1 : parent->length + 1) {}

Path::~Path() {
    unravel(std::move(parent), [](Path const& link) -> auto& { return link.parent; });
}

Context::Context(ContextPtr origin, std::uint32_t place, std::uint32_t id,
                 Canonicality::StatePtr canonical)
    : path_(std::make_shared<Path const>(origin->path_, id)),
      canonical_(std::move(canonical)),
      place_(place),
      origin_(std::move(origin)) {}

Context::~Context() {
    unravel(std::move(origin_), [](Context const& link) -> auto& { return link.origin_; });
}

std::vector<std::uint32_t> Context::tokens() const {
    std::vector<std::uint32_t> ids;
    ids.reserve(length());
    for (Path const* link = path_.get(); link != nullptr; link = link->parent.get()) {
        ids.push_back(link->id);
    }
    std::reverse(ids.begin(), ids.end());
    return ids;
}

std::shared_ptr<PreparedRow const> Context::row() const {
    std::lock_guard const lock(mutex_);
    return row_;
}

void Context::set_row(std::shared_ptr<PreparedRow const> row) const {
    std::lock_guard const lock(mutex_);
    if (row_ == nullptr) row_ = std::move(row);
}

ContextPtr Context::origin() const {
    std::lock_guard const lock(mutex_);
    return origin_;
}

std::optional<double> Context::log_probability(std::vector<ContextPtr>* missing) const {
    // From here back to where the probability is known.
    std::vector<ContextPtr> chain;
    Context const* at = this;
    std::optional<double> known;
    for (;;) {
        ContextPtr before;
        {
            std::lock_guard const lock(at->mutex_);
            known = at->log_probability_;
            if (known.has_value()) break;
            before = at->origin_;
        }
        chain.push_back(before);
        at = before.get();
    }
    bool complete = true;
    for (std::size_t i = chain.size(); i-- > 0;) {
        Context const& origin = *chain[i];
        Context const& next = i == 0 ? *this : *chain[i - 1];
        std::shared_ptr<PreparedRow const> const row = origin.row();
        // Behind what is impossible no row matters.
        bool const impossible = complete && *known == kNoMass;
        if (row == nullptr && !impossible) {
            complete = false;
            if (missing == nullptr) return std::nullopt;
            missing->push_back(chain[i]);
        }
        if (!complete) continue;
        if (!impossible) known = *known + row->log_token(next.place_);
        std::lock_guard const lock(next.mutex_);
        next.log_probability_ = known;
        // The rows of shorter contexts are not needed any more.
        next.origin_ = nullptr;
    }
    return complete ? known : std::nullopt;
}

double Context::log_bound() const {
    ContextPtr keep;
    Context const* at = this;
    for (;;) {
        std::optional<double> const known = at->log_probability();
        if (known.has_value()) return *known;
        keep = at->origin();
        at = keep.get();
    }
}

}  // namespace tokmill::bytelm
