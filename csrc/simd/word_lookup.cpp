#include "simd/word_lookup.h"

#include "simd/word_lookup_kernels.h"

namespace tokmill::simd {

WordLookup word_lookup(Isa isa) {
    switch (isa) {
#if defined(__x86_64__) || defined(_M_X64)
        case Isa::avx512:
            return word_lookup_avx512();
        case Isa::avx2:
            return word_lookup_avx2();
        case Isa::sse2:
            return word_lookup_sse2();
#endif
        default:
            return word_lookup_scalar();
    }
}

}  // namespace tokmill::simd
