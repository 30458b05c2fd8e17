// Sums of exponentials in plain loops that compilers turn into vector code; included by one file
// for each instruction set.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "simd/exponential.h"

namespace tokmill::simd {

// Internal linkage throughout: each instruction set must keep its own copy.
//
// Relative error below 4e-16 down to kExponentialFloor; 0 below it (and for -infinity).
static inline double exponential(double x) noexcept {
    // x = k ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^52 rounds to an integer, which then
    // stands in the low bits of the sum.
    constexpr double kRound = 6755399441055744.0;
    constexpr double kLog2E = 1.4426950408889634074;
    constexpr double kLn2High = 6.93147180369123816490e-01;  // 32 bits: its multiples are exact
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    double const bounded = x < kExponentialFloor ? kExponentialFloor : x;
    double const shifted = bounded * kLog2E + kRound;
    double const k = shifted - kRound;
    double const r = (bounded - k * kLn2High) - k * kLn2Low;
    double sum = 1.0 / 6227020800.0;
    sum = sum * r + 1.0 / 479001600.0;
    sum = sum * r + 1.0 / 39916800.0;
    sum = sum * r + 1.0 / 3628800.0;
    sum = sum * r + 1.0 / 362880.0;
    sum = sum * r + 1.0 / 40320.0;
    sum = sum * r + 1.0 / 5040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    sum = sum * r + 1.0;
    sum = sum * r + 1.0;
    double const power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(sum) +
                                               (std::bit_cast<std::uint64_t>(shifted) << 52));
    return x < kExponentialFloor ? 0.0 : power;
}

static inline double sum_strands(double const (&sums)[8]) noexcept {
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
           ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// The strands are independent, so that they can be lanes of a vector.
static double sum(double const* numbers, std::size_t count) noexcept {
    double sums[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        for (std::size_t strand = 0; strand < 8; ++strand) sums[strand] += numbers[i + strand];
    }
    for (; i < count; ++i) sums[0] += numbers[i];
    return sum_strands(sums);
}

// out[i] = exp(row[ids[i]] - top); returns the sum.
template <class Value>
static double gather_exponentials(Value const* row, std::uint32_t const* ids, std::size_t count,
                                  double top, double* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(row[ids[i]]) - top;
    for (std::size_t i = 0; i < count; ++i) out[i] = exponential(out[i]);
    return sum(out, count);
}

template <class Value>
static RowExtremes extremes(Value const* row, std::size_t count) noexcept {
    constexpr std::size_t kStrands = 64 / sizeof(Value);
    constexpr Value kInfinity = std::numeric_limits<Value>::infinity();
    Value tops[kStrands], bottoms[kStrands], orders[kStrands];
    for (std::size_t strand = 0; strand < kStrands; ++strand) {
        tops[strand] = -kInfinity;
        bottoms[strand] = kInfinity;
        orders[strand] = 1;
    }
    auto const take = [&](Value value, std::size_t strand) {
        tops[strand] = value > tops[strand] ? value : tops[strand];
        Value const finite = value > -kInfinity ? value : kInfinity;
        bottoms[strand] = finite < bottoms[strand] ? finite : bottoms[strand];
        orders[strand] = value == value ? orders[strand] : 0;
    };
    std::size_t i = 0;
    for (; i + kStrands <= count; i += kStrands) {
        for (std::size_t strand = 0; strand < kStrands; ++strand) take(row[i + strand], strand);
    }
    for (; i < count; ++i) take(row[i], 0);
    RowExtremes result{-kInfinity, kInfinity, true};
    for (std::size_t strand = 0; strand < kStrands; ++strand) {
        double const top = tops[strand], bottom = bottoms[strand];
        result.top = top > result.top ? top : result.top;
        result.bottom = bottom < result.bottom ? bottom : result.bottom;
        result.ordered &= orders[strand] == 1;
    }
    return result;
}

static constexpr ExponentialKernels make_exponential_kernels() {
    return {sum, gather_exponentials<float>, gather_exponentials<double>, extremes<float>,
            extremes<double>};
}

}  // namespace tokmill::simd
