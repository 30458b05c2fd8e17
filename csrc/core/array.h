// A read-only array that either owns its memory or looks at memory that somebody else keeps alive,
// such as a mapped snapshot: compiled tables are the same type either way.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/large_vector.h"

namespace tokmill {

template <class T>
class Array {
 public:
    Array() = default;
    explicit Array(LargeVector<T> values) : owned_(std::move(values)), view_(owned_) {}
    explicit Array(std::vector<T> const& values)
        : Array(LargeVector<T>(values.begin(), values.end())) {}
    static Array view(std::span<T const> memory) {
        Array array;
        array.view_ = memory;
        return array;
    }
    Array(Array&& other) noexcept { *this = std::move(other); }
    Array& operator=(Array&& other) noexcept {
        bool const owns = !other.owned_.empty();
        owned_ = std::move(other.owned_);
        view_ = owns ? std::span<T const>(owned_) : other.view_;
        other.view_ = {};
        return *this;
    }

    T const* data() const noexcept { return view_.data(); }
    std::size_t size() const noexcept { return view_.size(); }
    bool empty() const noexcept { return view_.empty(); }
    T const& operator[](std::size_t i) const noexcept { return view_[i]; }
    T const* begin() const noexcept { return view_.data(); }
    T const* end() const noexcept { return view_.data() + view_.size(); }

 private:
    LargeVector<T> owned_;
    std::span<T const> view_;
};

}  // namespace tokmill
