#include "simd/bpe_merge.h"

#include "simd/bpe_merge_kernels.h"

namespace tokmill::simd {

MergeShort short_merger(Isa isa) {
    switch (isa) {
#if defined(__x86_64__) || defined(_M_X64)
        case Isa::avx512:
            return short_merger_avx512();
        case Isa::avx2:
            return short_merger_avx2();
#endif
        default:
            return short_merger_scalar();
    }
}

MergeSymbols symbol_merger(Isa isa) {
    switch (isa) {
#if defined(__x86_64__) || defined(_M_X64)
        case Isa::avx512:
            return symbol_merger_avx512();
        case Isa::avx2:
            return symbol_merger_avx2();
#endif
        default:
            return symbol_merger_scalar();
    }
}

MergeWords word_merger(Isa isa) {
    switch (isa) {
#if defined(__x86_64__) || defined(_M_X64)
        case Isa::avx512:
            return word_merger_avx512();
        case Isa::avx2:
            return word_merger_avx2();
#endif
        default:
            return word_merger_scalar();
    }
}

}  // namespace tokmill::simd
