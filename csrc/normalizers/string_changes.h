// Changes of a whole NormalizedString, or of a plain text, that more than one stage makes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "normalizers/normalized_string.h"
#include "regex/pattern.h"

namespace tokmill::stages {

enum class UnicodeForm : std::uint8_t { nfc, nfd, nfkc, nfkd };

void normalize_form(NormalizedString& text, UnicodeForm form);
void normalize_form(std::string& text, UnicodeForm form);

// Character by character: a final sigma is like any other.
void lowercase(NormalizedString& text);
void lowercase(std::string& text);
void uppercase(NormalizedString& text);

// Replaces every match. What is inserted belongs to the end of the match.
void replace(NormalizedString& text, Pattern const& pattern, std::string_view content);
void replace(std::string& text, Pattern const& pattern, std::string_view content);

void filter(NormalizedString& text, std::function<bool(std::uint32_t)> const& keeps);
void map(NormalizedString& text, std::function<std::uint32_t(std::uint32_t)> const& mapped);

}  // namespace tokmill::stages
