// SHA-256 (FIPS 180-4), to recognise published files by their content.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tokmill {

std::array<std::uint8_t, 32> sha256(std::string_view data);

// The digest as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

}  // namespace tokmill
