// Base64 as the Rust crate base64 0.13 reads it: padding may be missing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tokmill {

// Appends the bytes that `text` spells. Returns text.size(), or the position of the first character
// that is wrong: not of the alphabet, a padding out of place, or with bits that are not zero behind
// the last byte.
std::size_t decode_lenient_base64(std::string_view text, std::string& bytes);

}  // namespace tokmill
