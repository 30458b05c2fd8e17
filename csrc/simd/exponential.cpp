#include "simd/exponential.h"

#include "simd/exponential_kernel.h"
#include "simd/exponential_kernels.h"

namespace tokmill::simd {

ExponentialKernels const& exponential_kernels(Isa isa) {
    static constexpr ExponentialKernels portable = make_exponential_kernels();
    switch (isa) {
#if defined(__x86_64__)
        case Isa::avx512:
            return kExponentialAvx512;
        case Isa::avx2:
            return kExponentialAvx2;
#endif
        default:
            return portable;
    }
}

}  // namespace tokmill::simd
