// The file form of a tokenizer with a digit scheme: the scheme and, inside, the base tokenizer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "numbers/scheme.h"

namespace tokmill::numbers {

struct Envelope {
    Scheme scheme;
    std::uint32_t first_id = 0;    // of the new tokens
    bool units_from_base = false;  // whether the base has tokens for the units
    std::string_view base;         // Tokenizer::portable_form()
};

bool is_envelope(std::string_view data) noexcept;
std::string seal(Envelope const& envelope);
// The base points into `data`. Throws invalid_tokenizer.
Envelope unseal(std::string_view data);

}  // namespace tokmill::numbers
