// Byte search with AVX-512.
#if defined(__x86_64__)

#include "simd/byte_search_kernel.h"

namespace tokmill::simd {

ByteSearchKernels const kByteSearchAvx512 = byte_search_kernels<Bytes64>();

}  // namespace tokmill::simd

#endif
