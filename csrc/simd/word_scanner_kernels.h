// The compiled variants of the word scanner, one an instruction set; word_scanner.cpp picks one.
#pragma once

#include "simd/word_scanner.h"

namespace tokmill::simd {

ScanWords word_scanner_scalar(WordPattern const& pattern);
ScanWords word_scanner_sse2(WordPattern const& pattern);
ScanWords word_scanner_avx2(WordPattern const& pattern);
ScanWords word_scanner_avx512(WordPattern const& pattern);
ScanWords word_scanner_neon(WordPattern const& pattern);

}  // namespace tokmill::simd
