#include "simd/word_scanner_kernel.h"
#include "simd/word_scanner_kernels.h"

#if defined(__AVX512VBMI2__)
namespace tokmill::simd {

ScanWords word_scanner_avx512(WordPattern const& pattern) {
    return select_scanner<Avx512Block>(pattern);
}

}  // namespace tokmill::simd
#endif
