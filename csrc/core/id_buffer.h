// A growable array of ids on the C heap, so that its memory can be handed to the caller (a NumPy
// array, say) without a copy. Large blocks grow by remapping pages (realloc), not by copying.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

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

    // Gives up the memory: the caller frees it with std::free. Never null; trimmed to the size.
    std::uint32_t* release() {
        void* trimmed = std::realloc(data_, (size_ ? size_ : 1) * sizeof(std::uint32_t));
        if (trimmed == nullptr) throw std::bad_alloc();
        data_ = nullptr;
        size_ = capacity_ = 0;
        return static_cast<std::uint32_t*>(trimmed);
    }

    void swap(IdBuffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

 private:
    void grow(std::size_t needed) {
        std::size_t const capacity = needed > capacity_ * 2 ? needed : capacity_ * 2;
        void* moved = std::realloc(data_, capacity * sizeof(std::uint32_t));
        if (moved == nullptr) throw std::bad_alloc();
        data_ = static_cast<std::uint32_t*>(moved);
        capacity_ = capacity;
    }

    std::uint32_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace tokmill
