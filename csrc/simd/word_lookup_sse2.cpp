#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__SSE2__)
namespace tokmill::simd {

LookupWords word_lookup_sse2() {
    return &lookup_words<Sse2Line>;
}

}  // namespace tokmill::simd
#endif
