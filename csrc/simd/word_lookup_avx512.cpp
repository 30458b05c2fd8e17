#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__AVX512VBMI2__)
namespace tokmill::simd {

WordLookup word_lookup_avx512() {
    return lookup_with<Avx512Line>();
}

}  // namespace tokmill::simd
#endif
