// Canonical composition (NFC) exactly as tokenizers 0.23.3 performs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace tokmill {

// Length of a prefix of `text` (valid UTF-8) that NFC provably leaves as it is, ending where
// normalization can start afresh; text.size() means the whole text is already in NFC. Fast.
std::size_t nfc_stable_prefix(std::string_view text) noexcept;

// Appends NFC(text) to `out`. If `alignment` is given, appends for every byte of the output the
// byte range of `text` that tokenizers' NormalizedString assigns to it.
void normalize_nfc(std::string_view text, std::string& out, std::vector<Span>* alignment);

}  // namespace tokmill
