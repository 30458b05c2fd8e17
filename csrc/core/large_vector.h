// Vectors for the big lookup tables: aligned to huge pages, and the kernel asked to use them,
// before the first byte is touched. Random access to megabytes in 4-KiB pages spends more time on
// address translation than on the data.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tokmill {

template <class T>
struct LargePageAllocator {
    using value_type = T;
    static constexpr std::size_t kHugePage = std::size_t{2} << 20;

    LargePageAllocator() = default;
    template <class U>
    LargePageAllocator(LargePageAllocator<U> const&) noexcept {}

    static std::size_t alignment(std::size_t bytes) noexcept {
        return bytes >= kHugePage ? kHugePage : 64;
    }
    T* allocate(std::size_t count) {
        std::size_t const bytes = count * sizeof(T);
        void* const memory = ::operator new(bytes, std::align_val_t{alignment(bytes)});
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        // Advice: where it is refused, ordinary pages do.
        if (bytes >= kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        ::operator delete(memory, std::align_val_t{alignment(count * sizeof(T))});
    }
    template <class U>
    bool operator==(LargePageAllocator<U> const&) const noexcept {
        return true;
    }
};

template <class T>
using LargeVector = std::vector<T, LargePageAllocator<T>>;

}  // namespace tokmill
