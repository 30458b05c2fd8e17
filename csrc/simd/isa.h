// Which instruction set the vector kernels run on. The choice is made once, when the first kernel
// is asked for: the widest set that processor and operating system offer, or the one that the
// environment variable TOKMILL_ISA names.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tokmill::simd {

enum class Isa : std::uint8_t {
    scalar,  // plain C++
    sse2,    // the baseline of x86-64
    avx2,    // AVX2, BMI1, BMI2, LZCNT, POPCNT (about x86-64-v3)
    avx512,  // avx2 and AVX-512 F, BW, VL, DQ, VBMI, VBMI2 (Ice Lake, Zen 4 and later)
    neon,    // the baseline of 64-bit Arm
};

// The set in use. Throws Error(invalid_input) if TOKMILL_ISA is set to something other than
// "scalar", "baseline" (the set every machine of this architecture has), "sse2", "avx2", "avx512"
// or "neon", or to a set that this machine lacks.
Isa active_isa();

char const* isa_name(Isa isa) noexcept;

// Whether this machine can run `isa`.
bool isa_available(Isa isa) noexcept;

// Every set that this machine can run, the narrowest first: for tests that compare kernels.
std::vector<Isa> available_isas();

// What TOKMILL_ISA=`name` stands for; throws as active_isa() does.
Isa parse_isa(std::string_view name);

}  // namespace tokmill::simd
