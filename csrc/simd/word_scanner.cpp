#include "simd/word_scanner.h"

#include "simd/word_scanner_kernels.h"

namespace tokmill::simd {

ScanWords word_scanner(WordPattern const& pattern, Isa isa) {
    switch (isa) {
#if defined(__x86_64__) || defined(_M_X64)
        case Isa::avx512:
            return word_scanner_avx512(pattern);
        case Isa::avx2:
            return word_scanner_avx2(pattern);
        case Isa::sse2:
            return word_scanner_sse2(pattern);
#elif defined(__aarch64__)
        case Isa::neon:
            return word_scanner_neon(pattern);
#endif
        default:
            return word_scanner_scalar(pattern);
    }
}

}  // namespace tokmill::simd
