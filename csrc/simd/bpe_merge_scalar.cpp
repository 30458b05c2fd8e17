#include "simd/bpe_merge_kernel.h"
#include "simd/bpe_merge_kernels.h"

namespace tokmill::simd {

MergeShort short_merger_scalar() {
    return &merge_short<ScalarCandidates>;
}

MergeWords word_merger_scalar() {
    return &merge_words<ScalarCandidates>;
}

MergeSymbols symbol_merger_scalar() {
    return &merge_symbols<ScalarCandidates>;
}

}  // namespace tokmill::simd
