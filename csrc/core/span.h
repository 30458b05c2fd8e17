// A half-open range of byte offsets.
#pragma once

#include <cstddef>

namespace tokmill {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const noexcept { return end - begin; }
    bool operator==(Span const&) const = default;
};

}  // namespace tokmill
