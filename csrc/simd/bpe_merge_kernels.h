// The compiled variants of the short merge; bpe_merge.cpp picks one. The baselines have no minimum
// of unsigned 32-bit lanes, or gain nothing by it, and use the scalar one.
#pragma once

#include "simd/bpe_merge.h"

namespace tokmill::simd {

MergeShort short_merger_scalar();
MergeShort short_merger_avx2();
MergeShort short_merger_avx512();

MergeWords word_merger_scalar();
MergeWords word_merger_avx2();
MergeWords word_merger_avx512();

MergeSymbols symbol_merger_scalar();
MergeSymbols symbol_merger_avx2();
MergeSymbols symbol_merger_avx512();

}  // namespace tokmill::simd
