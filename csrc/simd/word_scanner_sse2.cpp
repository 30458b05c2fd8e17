#include "simd/word_scanner_kernel.h"
#include "simd/word_scanner_kernels.h"

#if defined(__SSE2__)
namespace tokmill::simd {

ScanWords word_scanner_sse2(WordPattern const& pattern) {
    return select_scanner<Sse2Block>(pattern);
}

}  // namespace tokmill::simd
#endif
