// Weights of a model's row in another order: out[i] = exp(row[ids[i]] - top), where no number of
// the row exceeds `top`. Below kExponentialFloor a weight is 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

namespace tokmill::simd {

struct ExponentialKernels {
    void (*gather_float)(float const*, std::uint32_t const*, std::size_t, double, double*) noexcept;
    void (*gather_double)(double const*, std::uint32_t const*, std::size_t, double,
                          double*) noexcept;
};

ExponentialKernels const& exponential_kernels(Isa isa);

}  // namespace tokmill::simd
