#include "simd/word_lookup_kernel.h"
#include "simd/word_lookup_kernels.h"

namespace tokmill::simd {

LookupWords word_lookup_scalar() {
    return &lookup_words<ScalarLine>;
}

}  // namespace tokmill::simd
