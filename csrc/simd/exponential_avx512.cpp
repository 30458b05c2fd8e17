#if defined(__x86_64__)

#include "simd/exponential_kernel.h"
#include "simd/exponential_kernels.h"

namespace tokmill::simd {

ExponentialKernels const kExponentialAvx512{gather_exponentials<float>,
                                            gather_exponentials<double>};

}  // namespace tokmill::simd

#endif
