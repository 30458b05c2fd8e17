#include "bytelm/prepared_row.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "bytelm/log_sum.h"
#include "core/error.h"
#include "simd/exponential.h"

namespace tokmill::bytelm {
namespace {

constexpr double kNoMass = -std::numeric_limits<double>::infinity();

// Log-probabilities may be off by what 16-bit numbers lose over a large vocabulary.
constexpr double kTolerance = 1e-3;
// Above this no number is a log-probability that was merely rounded.
constexpr double kPositive = 1e-6;

[[noreturn]] void refuse(std::size_t number, std::string const& reason) {
    throw Error(ErrorKind::invalid_input, "row " + std::to_string(number) + " " + reason,
                kNoPosition, number);
}

simd::ExponentialKernels const& kernels() {
    static simd::ExponentialKernels const& chosen = simd::exponential_kernels(simd::active_isa());
    return chosen;
}

simd::RowExtremes extremes(std::span<float const> values) {
    return kernels().extremes_float(values.data(), values.size());
}
simd::RowExtremes extremes(std::span<double const> values) {
    return kernels().extremes_double(values.data(), values.size());
}

double gather(std::span<float const> values, std::uint32_t const* ids, std::size_t count,
              double top, double* out) {
    return kernels().gather_float(values.data(), ids, count, top, out);
}
double gather(std::span<double const> values, std::uint32_t const* ids, std::size_t count,
              double top, double* out) {
    return kernels().gather_double(values.data(), ids, count, top, out);
}

template <class Value>
simd::RowExtremes checked_extremes(std::span<Value const> values, std::size_t number) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    simd::RowExtremes const found = extremes(values);
    if (!found.ordered) {
        auto const nan = std::find_if(values.begin(), values.end(),
                                      [](Value value) { return std::isnan(value); });
        refuse(number, "holds NaN (id " + std::to_string(nan - values.begin()) + ")");
    }
    if (found.top == -kInfinity) refuse(number, "is -inf everywhere");
    if (found.top == kInfinity) refuse(number, "holds +inf");
    return found;
}

void check_normalized(RowKind kind, double top, double log_sum, std::size_t number) {
    if (kind == RowKind::logits) return;
    if (kind == RowKind::automatic && top > kPositive) return;
    if (std::abs(log_sum) <= kTolerance) return;
    refuse(number, "is not normalized: its probabilities sum to " +
                       std::to_string(std::exp(std::min(log_sum, 700.0))) +
                       "; say rows=\"logits\" if the model gives logits");
}

// Zeroes the weights outside of the set; `begin` is a multiple of 64. False if there are none.
bool mask(TokenSet const& allowed, std::size_t begin, std::size_t count, double* weights) {
    bool any = false;
    for (std::size_t i = 0; i < count; i += 64) {
        std::size_t const here = std::min<std::size_t>(64, count - i);
        std::uint64_t absent = ~allowed.words()[(begin + i) / 64];
        if (here < 64) absent &= (std::uint64_t{1} << here) - 1;
        any |= absent != 0;
        for (; absent != 0; absent &= absent - 1) {
            weights[i + static_cast<std::size_t>(std::countr_zero(absent))] = 0;
        }
    }
    return any;
}

}  // namespace

std::unique_ptr<double[]> WeightBuffers::take() {
    {
        std::lock_guard const lock(mutex_);
        if (!free_.empty()) {
            std::unique_ptr<double[]> buffer = std::move(free_.back());
            free_.pop_back();
            return buffer;
        }
    }
    return std::make_unique_for_overwrite<double[]>(places_);
}

void WeightBuffers::give_back(std::unique_ptr<double[]> buffer) {
    std::lock_guard const lock(mutex_);
    if (free_.size() < kMaxKept) free_.push_back(std::move(buffer));
}

PreparedRow::PreparedRow(ByteVocabulary const& vocabulary, RowLayout const& layout,
                         RowValues values, TokenSet const* allowed, bool may_end,
                         std::size_t number)
    : buffers_(layout.buffers), weights_(buffers_->take()) {
    std::visit([&](auto span) { fill(vocabulary, layout, span, allowed, may_end, number); },
               values);
}

template <class Value>
void PreparedRow::fill(ByteVocabulary const& vocabulary, RowLayout const& layout,
                       std::span<Value const> values, TokenSet const* allowed, bool may_end,
                       std::size_t number) {
    if (values.size() < vocabulary.id_count()) {
        refuse(number, "has " + std::to_string(values.size()) + " numbers for a vocabulary of " +
                           std::to_string(vocabulary.id_count()) + " ids");
    }
    auto const [top, bottom, ordered] = checked_extremes(values, number);
    std::size_t const places = places_ = vocabulary.places();
    block_sums_.resize((places + kBlock - 1) / kBlock);
    double whole = 0;  // of all ordinary tokens, masked ones included
    double kept = 0;
    for (std::size_t begin = 0; begin < places; begin += kBlock) {
        std::size_t const count = std::min(kBlock, places - begin);
        double* const block = weights_.get() + begin;
        double sum = gather(values, vocabulary.ids().data() + begin, count, top, block);
        whole += sum;
        if (allowed != nullptr && mask(*allowed, begin, count, block)) {
            sum = kernels().sum(block, count);
        }
        block_sums_[begin / kBlock] = sum;
        kept += sum;
    }
    auto const weight_of = [&](std::vector<std::uint32_t> const& ids) {
        LogSum sum;
        for (std::uint32_t const id : ids) sum.add(static_cast<double>(values[id]) - top);
        return sum.log();
    };
    double const end = weight_of(layout.end_ids);
    double const other = weight_of(layout.other_ids);

    // What the model itself normalizes over: all of its ids.
    LogSum model;
    model.add(std::log(whole));
    for (std::uint32_t const id : vocabulary.special_ids()) {
        model.add(static_cast<double>(values[id]) - top);
    }
    for (std::size_t id = vocabulary.id_count(); id < values.size(); ++id) {
        model.add(static_cast<double>(values[id]) - top);
    }
    check_normalized(layout.kind, top, model.log() + top, number);

    // What probabilities are relative to: ids that are no outcome are always left out.
    LogSum total;
    bool const local = layout.renormalize_masked;
    total.add(std::log(local ? kept : whole));
    if (may_end || !local) total.add(end);
    total.add(other);
    log_total_ = total.log();

    if (bottom - top < simd::kExponentialFloor) {
        find_faint(vocabulary, values, top, allowed);
    }
    if (kept == 0 && !faint_.empty()) {
        total = LogSum();
        for (auto const& [place, value] : faint_) total.add(value);
        if (may_end || !local) total.add(end);
        total.add(other);
        if (local) log_total_ = total.log();
    }
    log_end_ = may_end && log_total_ != kNoMass ? end - log_total_ : kNoMass;
    log_other_ = log_total_ != kNoMass ? other - log_total_ : kNoMass;
}

// Weights below the smallest double matter only where nothing else does.
template <class Value>
void PreparedRow::find_faint(ByteVocabulary const& vocabulary, std::span<Value const> values,
                             double top, TokenSet const* allowed) {
    for (std::uint32_t place = 0; place < places_; ++place) {
        double const value = static_cast<double>(values[vocabulary.id(place)]) - top;
        if (value == kNoMass || value >= simd::kExponentialFloor) continue;
        if (allowed != nullptr && !allowed->contains(place)) continue;
        faint_.emplace_back(place, value);
    }
}

double PreparedRow::sum(std::uint32_t begin, std::uint32_t end) const noexcept {
    std::uint32_t const first = (begin + kBlock - 1) / kBlock;
    std::uint32_t const last = end / kBlock;
    if (first >= last) return kernels().sum(weights_.get() + begin, end - begin);
    return kernels().sum(weights_.get() + begin, first * kBlock - begin) +
           kernels().sum(block_sums_.data() + first, last - first) +
           kernels().sum(weights_.get() + last * kBlock, end - last * kBlock);
}

double PreparedRow::log_faint(std::uint32_t begin, std::uint32_t end) const {
    auto place = std::lower_bound(faint_.begin(), faint_.end(), std::pair{begin, kNoMass});
    LogSum sum;
    for (; place != faint_.end() && place->first < end; ++place) sum.add(place->second);
    return sum.log();
}

double PreparedRow::log_mass(std::uint32_t begin, std::uint32_t end) const {
    if (begin >= end || log_total_ == kNoMass) return kNoMass;
    double const weight = sum(begin, end);
    if (weight > 0) return std::log(weight) - log_total_;
    if (faint_.empty()) return kNoMass;
    double const faint = log_faint(begin, end);
    return faint == kNoMass ? kNoMass : faint - log_total_;
}

double PreparedRow::log_token(std::uint32_t place) const {
    return log_mass(place, place + 1);
}

}  // namespace tokmill::bytelm
