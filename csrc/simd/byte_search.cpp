// Byte search: preparation of the sets, the portable kernels and the choice between all of them.
#include "simd/byte_search.h"

#include "simd/byte_search_kernel.h"

namespace tokmill::simd {

namespace {

FindBytes find_function(ByteTest first, ByteTest second, Isa isa) {
    auto const row = static_cast<std::size_t>(first);
    auto const column = static_cast<std::size_t>(second);
    switch (isa) {
#if defined(__x86_64__)
        case Isa::avx512:
            return kByteSearchAvx512.find[row][column];
        case Isa::avx2:
            return kByteSearchAvx2.find[row][column];
#endif
#if defined(__x86_64__) || defined(__aarch64__)
        case Isa::sse2:
        case Isa::neon: {
            static constexpr ByteSearchKernels kernels = byte_search_kernels<Bytes16>();
            return kernels.find[row][column];
        }
#endif
        default:
            return find_scalar;
    }
}

ByteSetTables prepare(ByteSet const& set) {
    ByteSetTables tables;
    std::size_t const size = set.count();
    tables.test = size == 1                ? ByteTest::one
                  : size >= 2 && size <= 4 ? ByteTest::few
                                           : ByteTest::many;
    std::size_t used = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (!set[byte]) continue;
        for (std::size_t k = used; k < 4; ++k) tables.few[k] = static_cast<std::uint8_t>(byte);
        ++used;
        auto& half = byte < 0x80 ? tables.below : tables.above;
        half[byte & 15] = static_cast<std::uint8_t>(half[byte & 15] | 1u << (byte >> 4 & 7));
    }
    return tables;
}

}  // namespace

ByteSearch::ByteSearch(ByteSet const& first, ByteSet const* second, Isa isa) {
    tables_.first = prepare(first);
    if (second != nullptr) tables_.second = prepare(*second);
    for (unsigned byte = 0; byte < 256; ++byte) {
        bool const in_second = second == nullptr || (*second)[byte];
        tables_.sets[byte] = static_cast<std::uint8_t>((first[byte] ? 1 : 0) | (in_second ? 2 : 0));
    }
    find_ = find_function(tables_.first.test, tables_.second.test, isa);
}

ByteSearch::ByteSearch(ByteSet const& first, Isa isa) : ByteSearch(first, nullptr, isa) {}
ByteSearch::ByteSearch(ByteSet const& first, ByteSet const& second, Isa isa)
    : ByteSearch(first, &second, isa) {}
ByteSearch::ByteSearch(ByteSet const& first) : ByteSearch(first, nullptr, active_isa()) {}
ByteSearch::ByteSearch(ByteSet const& first, ByteSet const& second)
    : ByteSearch(first, &second, active_isa()) {}

}  // namespace tokmill::simd
