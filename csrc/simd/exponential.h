// Weights of a model's row in another order, and their sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

namespace tokmill::simd {

// Smaller numbers have the weight 0.
inline constexpr double kExponentialFloor = -708.0;

struct RowExtremes {
    double top;
    double bottom;  // of the numbers above -infinity
    bool ordered;   // there is no NaN
};

struct ExponentialKernels {
    double (*sum)(double const*, std::size_t) noexcept;
    // out[i] = exp(row[ids[i]] - top), where no number of the row exceeds `top`. Returns the sum.
    double (*gather_float)(float const*, std::uint32_t const*, std::size_t, double,
                           double*) noexcept;
    double (*gather_double)(double const*, std::uint32_t const*, std::size_t, double,
                            double*) noexcept;
    RowExtremes (*extremes_float)(float const*, std::size_t) noexcept;
    RowExtremes (*extremes_double)(double const*, std::size_t) noexcept;
};

ExponentialKernels const& exponential_kernels(Isa isa);

}  // namespace tokmill::simd
