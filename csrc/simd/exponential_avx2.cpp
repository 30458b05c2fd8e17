#if defined(__x86_64__)

#include "simd/exponential_kernel.h"
#include "simd/exponential_kernels.h"

namespace tokmill::simd {

ExponentialKernels const kExponentialAvx2 = make_exponential_kernels();

}  // namespace tokmill::simd

#endif
