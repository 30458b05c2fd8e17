#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__AVX2__)
namespace tokmill::simd {

WordLookup word_lookup_avx2() {
    return lookup_with<Avx2Line>();
}

}  // namespace tokmill::simd
#endif
