// UTF-8 validation with AVX-512.
#if defined(__x86_64__)

#include "simd/utf8_kernel.h"

namespace tokmill::simd {

Utf8Kernels const kUtf8Avx512 = kUtf8Kernels<VectorUtf8<Bytes64>>;

}  // namespace tokmill::simd

#endif
