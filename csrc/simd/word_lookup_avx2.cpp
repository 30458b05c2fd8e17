#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__AVX2__)
namespace tokmill::simd {

LookupWords word_lookup_avx2() {
    return &lookup_words<Avx2Line>;
}

}  // namespace tokmill::simd
#endif
