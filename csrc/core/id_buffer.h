// A growable array of ids on the C heap, so that its memory can be handed to the caller (a NumPy
// array, say) without a copy. Large blocks are in huge pages: a batch writes to fresh memory all
// the time, and each page of it costs a trip into the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tokmill {

class IdBuffer {
 public:
    IdBuffer() = default;
    IdBuffer(IdBuffer&& other) noexcept { swap(other); }
    IdBuffer& operator=(IdBuffer&& other) noexcept {
        swap(other);
        return *this;
    }
    ~IdBuffer() { std::free(data_); }

    std::uint32_t* data() noexcept { return data_; }
    std::uint32_t const* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    std::uint32_t const* begin() const noexcept { return data_; }
    std::uint32_t const* end() const noexcept { return data_ + size_; }
    void clear() noexcept { size_ = 0; }

    // Room for `extra` more ids behind the current end; returns where they go. Call `commit` with
    // the new end afterwards.
    std::uint32_t* reserve(std::size_t extra) {
        if (size_ + extra > capacity_) grow(size_ + extra);
        return data_ + size_;
    }
    void commit(std::uint32_t const* new_end) noexcept {
        size_ = static_cast<std::size_t>(new_end - data_);
    }
    void push(std::uint32_t id) {
        *reserve(1) = id;
        ++size_;
    }

    // Gives up the memory: the caller frees it with std::free. Never null. Small blocks are trimmed
    // to their size; what is behind the ids of large ones was never touched.
    std::uint32_t* release() {
        reserve(1);
        std::uint32_t* memory = std::exchange(data_, nullptr);
        std::size_t const capacity = std::exchange(capacity_, 0);
        std::size_t const size = std::exchange(size_, 0);
        if (capacity * sizeof *memory >= kHugePage) return memory;
        void* const trimmed = std::realloc(memory, (size + 1) * sizeof *memory);
        return trimmed == nullptr ? memory : static_cast<std::uint32_t*>(trimmed);
    }

    void swap(IdBuffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

 private:
    static constexpr std::size_t kHugePage = std::size_t{2} << 20;

    void grow(std::size_t needed) {
        std::size_t const capacity = needed > capacity_ * 2 ? needed : capacity_ * 2;
        std::uint32_t* const moved = allocate(capacity);
        if (size_ != 0) std::memcpy(moved, data_, size_ * sizeof *moved);
        std::free(data_);
        data_ = moved;
        capacity_ = capacity;
    }
    static std::uint32_t* allocate(std::size_t count) {
        std::size_t const bytes = count * sizeof(std::uint32_t);
        void* memory = nullptr;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (bytes >= kHugePage) {
            if (posix_memalign(&memory, kHugePage, bytes) != 0) throw std::bad_alloc();
            // Advice: where it is refused, ordinary pages do.
            madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
            return static_cast<std::uint32_t*>(memory);
        }
#endif
        memory = std::malloc(bytes);
        if (memory == nullptr) throw std::bad_alloc();
        return static_cast<std::uint32_t*>(memory);
    }

    std::uint32_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace tokmill
