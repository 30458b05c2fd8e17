// Byte search with AVX2.
#if defined(__x86_64__)

#include "simd/byte_search_kernel.h"

namespace tokmill::simd {

ByteSearchKernels const kByteSearchAvx2 = byte_search_kernels<Bytes32>();

}  // namespace tokmill::simd

#endif
