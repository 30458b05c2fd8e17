#include "simd/word_scanner_kernel.h"
#include "simd/word_scanner_kernels.h"

#if defined(__aarch64__)
namespace tokmill::simd {

ScanWords word_scanner_neon(WordPattern const& pattern) {
    return select_scanner<NeonBlock>(pattern);
}

}  // namespace tokmill::simd
#endif
