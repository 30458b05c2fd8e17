// Lower and upper case of single characters, as Rust's char has them in tokenizers 0.23.3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tokmill::stages {

struct CaseMapping {
    std::array<std::uint32_t, 3> code_points;
    std::size_t size;
};

// The character itself if it has no other case.
CaseMapping lower_case(std::uint32_t code_point) noexcept;
CaseMapping upper_case(std::uint32_t code_point) noexcept;

bool changes_in_lower_case(std::uint32_t code_point) noexcept;

}  // namespace tokmill::stages
