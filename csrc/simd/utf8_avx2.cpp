// UTF-8 validation with AVX2.
#if defined(__x86_64__)

#include "simd/utf8_kernel.h"

namespace tokmill::simd {

Utf8Kernels const kUtf8Avx2 = kUtf8Kernels<VectorUtf8<Bytes32>>;

}  // namespace tokmill::simd

#endif
