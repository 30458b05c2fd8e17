// Detection of the instruction set. The CPUID bits alone are not enough for the wide registers: the
// operating system has to save them on a task switch, which XGETBV tells.
#include "simd/isa.h"

#include <cstdlib>
#include <initializer_list>
#include <string>

#include "core/error.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tokmill::simd {

namespace {

constexpr Isa kAllIsas[] = {Isa::scalar, Isa::sse2, Isa::avx2, Isa::avx512, Isa::neon};

#if defined(__x86_64__)

constexpr Isa kBaseline = Isa::sse2;

constexpr bool has_bits(std::uint32_t word, std::initializer_list<int> bits) {
    for (int const bit : bits) {
        if ((word >> bit & 1) == 0) return false;
    }
    return true;
}

// The low half of XCR0: which register files the operating system saves.
std::uint32_t saved_registers() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

Isa detect() {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr int kOsXsave = 27, kAvx = 28, kPopcnt = 23;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return kBaseline;
    if (!has_bits(ecx, {kOsXsave, kAvx, kPopcnt})) return kBaseline;

    constexpr int kLzcnt = 5;
    if (!__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx)) return kBaseline;
    if (!has_bits(ecx, {kLzcnt})) return kBaseline;

    constexpr int kBmi1 = 3, kAvx2 = 5, kBmi2 = 8;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return kBaseline;
    std::uint32_t const saved = saved_registers();
    constexpr int kSse = 1, kYmm = 2;
    if (!has_bits(ebx, {kBmi1, kAvx2, kBmi2}) || !has_bits(saved, {kSse, kYmm})) return kBaseline;

    constexpr int kF = 16, kDq = 17, kBw = 30, kVl = 31;  // in EBX
    constexpr int kVbmi = 1, kVbmi2 = 6;                  // in ECX
    constexpr int kMask = 5, kZmmUpper = 6, kZmm16 = 7;
    bool const wide = has_bits(ebx, {kF, kDq, kBw, kVl}) && has_bits(ecx, {kVbmi, kVbmi2}) &&
                      has_bits(saved, {kMask, kZmmUpper, kZmm16});
    return wide ? Isa::avx512 : Isa::avx2;
}

#elif defined(__aarch64__)

constexpr Isa kBaseline = Isa::neon;
Isa detect() {
    return kBaseline;
}

#else

constexpr Isa kBaseline = Isa::scalar;
Isa detect() {
    return kBaseline;
}

#endif

Isa widest_isa() noexcept {
    static Isa const isa = detect();
    return isa;
}

Isa choose() {
    char const* const name = std::getenv("TOKMILL_ISA");
    return name == nullptr || *name == '\0' ? widest_isa() : parse_isa(name);
}

}  // namespace

Isa active_isa() {
    static Isa const isa = choose();
    return isa;
}

char const* isa_name(Isa isa) noexcept {
    switch (isa) {
        case Isa::scalar:
            return "scalar";
        case Isa::sse2:
            return "sse2";
        case Isa::avx2:
            return "avx2";
        case Isa::avx512:
            return "avx512";
        case Isa::neon:
            return "neon";
    }
    return "unknown";
}

bool isa_available(Isa isa) noexcept {
    if (isa == Isa::scalar || isa == kBaseline) return true;
    bool const same_family = kBaseline == Isa::sse2 && isa != Isa::neon;
    return same_family && isa <= widest_isa();
}

std::vector<Isa> available_isas() {
    std::vector<Isa> available;
    for (Isa const isa : kAllIsas) {
        if (isa_available(isa)) available.push_back(isa);
    }
    return available;
}

Isa parse_isa(std::string_view name) {
    if (name == "baseline") return kBaseline;
    for (Isa const isa : kAllIsas) {
        if (name != isa_name(isa)) continue;
        if (isa_available(isa)) return isa;
        throw Error(
            ErrorKind::invalid_input,
            "TOKMILL_ISA: this machine cannot run the instruction set '" + std::string(name) + "'");
    }
    throw Error(ErrorKind::invalid_input,
                "TOKMILL_ISA: unknown instruction set '" + std::string(name) +
                    "' (expected scalar, baseline, sse2, avx2, avx512 or neon)");
}

}  // namespace tokmill::simd
