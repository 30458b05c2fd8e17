// The compiled variants of the word lookup; word_lookup.cpp picks one. NEON has no cheap way from a
// comparison to an index, so there the scalar one is used.
#pragma once

#include "simd/word_lookup.h"

namespace tokmill::simd {

WordLookup word_lookup_scalar();
WordLookup word_lookup_sse2();
WordLookup word_lookup_avx2();
WordLookup word_lookup_avx512();

}  // namespace tokmill::simd
