#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

#if defined(__SSE2__)
namespace tokmill::simd {

WordLookup word_lookup_sse2() {
    return lookup_with<Sse2Line>();
}

}  // namespace tokmill::simd
#endif
