// exp(x) for x <= 0 in plain loops that compilers turn into vector code; included by one file for
// each instruction set.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tokmill::simd {

// Relative error below 4e-16 down to kExponentialFloor; 0 below it (and for -infinity).
inline constexpr double kExponentialFloor = -708.0;

// Internal linkage: each instruction set must keep its own copy.
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

// out[i] = exp(row[ids[i]] - top)
template <class Value>
static void gather_exponentials(Value const* row, std::uint32_t const* ids, std::size_t count,
                                double top, double* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(row[ids[i]]) - top;
    for (std::size_t i = 0; i < count; ++i) out[i] = exponential(out[i]);
}

}  // namespace tokmill::simd
