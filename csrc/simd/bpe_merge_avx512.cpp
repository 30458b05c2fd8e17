#include "simd/bpe_merge_kernel.h"
#include "simd/bpe_merge_kernels.h"

#if defined(__AVX512VBMI2__)
namespace tokmill::simd {

MergeShort short_merger_avx512() {
    return &merge_short<Avx512Candidates>;
}

MergeWords word_merger_avx512() {
    return &merge_words<Avx512Candidates>;
}

MergeSymbols symbol_merger_avx512() {
    return &merge_symbols<Avx512Candidates>;
}

}  // namespace tokmill::simd
#endif
