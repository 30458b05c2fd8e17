// For small functions in headers that kernels of several instruction sets include: forced inlining
// keeps one set's code out of the weak symbols that the linker might pick for another.
#pragma once

#if defined(_MSC_VER)
#define TOKMILL_INLINE __forceinline
#else
#define TOKMILL_INLINE inline __attribute__((always_inline))
#endif
