#include "simd/word_scanner_kernel.h"
#include "simd/word_scanner_kernels.h"

#if defined(__AVX2__)
namespace tokmill::simd {

ScanWords word_scanner_avx2(WordPattern const& pattern) {
    return select_scanner<Avx2Block>(pattern);
}

}  // namespace tokmill::simd
#endif
