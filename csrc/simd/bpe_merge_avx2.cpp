#include "simd/bpe_merge_kernel.h"
#include "simd/bpe_merge_kernels.h"

#if defined(__AVX2__)
namespace tokmill::simd {

MergeShort short_merger_avx2() {
    return &merge_short<Avx2Candidates>;
}

MergeWords word_merger_avx2() {
    return &merge_words<Avx2Candidates>;
}

MergeSymbols symbol_merger_avx2() {
    return &merge_symbols<Avx2Candidates>;
}

}  // namespace tokmill::simd
#endif
