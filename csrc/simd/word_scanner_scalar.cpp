#include "simd/word_scanner_kernel.h"
#include "simd/word_scanner_kernels.h"

namespace tokmill::simd {

ScanWords word_scanner_scalar(WordPattern const& pattern) {
    return select_scanner<ScalarBlock>(pattern);
}

}  // namespace tokmill::simd
