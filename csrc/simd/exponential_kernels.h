// The compiled variants of exponential_kernel.h.
#pragma once

#include "simd/exponential.h"

namespace tokmill::simd {

extern ExponentialKernels const kExponentialAvx2;
extern ExponentialKernels const kExponentialAvx512;

}  // namespace tokmill::simd
