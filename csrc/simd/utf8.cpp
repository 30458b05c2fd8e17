// UTF-8 validation: the portable kernels and the choice between all of them.
#include "simd/utf8.h"

#include <cstdint>

#include "simd/utf8_kernel.h"

namespace tokmill::simd {

namespace {

#if defined(__x86_64__)
// Without a byte shuffle the validation stays scalar; the test for ASCII need not.
struct BaselineUtf8 {
    static constexpr auto valid_prefix = ScalarUtf8::valid_prefix;
    static constexpr auto is_ascii = VectorUtf8<Bytes16>::is_ascii;
};
#elif defined(__aarch64__)
using BaselineUtf8 = VectorUtf8<Bytes16>;
#else
using BaselineUtf8 = ScalarUtf8;
#endif

Utf8Kernels const& utf8_kernels(Isa isa) {
    switch (isa) {
#if defined(__x86_64__)
        case Isa::avx512:
            return kUtf8Avx512;
        case Isa::avx2:
            return kUtf8Avx2;
#endif
        case Isa::scalar:
            return kUtf8Kernels<ScalarUtf8>;
        default:
            return kUtf8Kernels<BaselineUtf8>;
    }
}

Utf8Kernels const& active_kernels() {
    static Utf8Kernels const& kernels = utf8_kernels(active_isa());
    return kernels;
}

std::uint8_t const* bytes_of(std::string_view text) {
    return reinterpret_cast<std::uint8_t const*>(text.data());
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
    return active_kernels().valid_prefix(bytes_of(text), text.size());
}

std::size_t valid_utf8_prefix(std::string_view text, Isa isa) {
    return utf8_kernels(isa).valid_prefix(bytes_of(text), text.size());
}

bool is_ascii(std::string_view text) {
    return active_kernels().is_ascii(bytes_of(text), text.size());
}

bool is_ascii(std::string_view text, Isa isa) {
    return utf8_kernels(isa).is_ascii(bytes_of(text), text.size());
}

}  // namespace tokmill::simd
