// Asks for the cache line at an address, which need not be mapped.
#pragma once

#include "core/inline.h"

namespace tokmill {

TOKMILL_INLINE void prefetch(void const* address) noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(address);
#else
    static_cast<void>(address);
#endif
}

}  // namespace tokmill
