#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__AVX512VBMI2__)
namespace tokmill::simd {

LookupWords word_lookup_avx512() {
    return &lookup_words<Avx512Line>;
}

}  // namespace tokmill::simd
#endif
