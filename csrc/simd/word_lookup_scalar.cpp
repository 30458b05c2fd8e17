#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

namespace tokmill::simd {

WordLookup word_lookup_scalar() {
    return lookup_with<ScalarLine>();
}

}  // namespace tokmill::simd
