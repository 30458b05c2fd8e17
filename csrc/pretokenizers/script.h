// Scripts of characters as the UnicodeScripts stage sees them: of an old version of Unicode, with
// Hiragana and Katakana counted as Han.
#pragma once

#include <cstdint>

namespace tokmill::stages {

// Goes with every script: the space, and code points that had no script.
inline constexpr std::uint8_t kAnyScript = 0;

// Numbers without names: only whether two are equal matters. Remembers where the last character was
// found, because texts stay within a script for long.
class ScriptFinder {
 public:
    std::uint8_t operator()(std::uint32_t code_point) noexcept {
        if (code_point - first_ < size_) return script_;
        return find(code_point);
    }

 private:
    std::uint8_t find(std::uint32_t code_point) noexcept;

    std::uint32_t first_ = 0;
    std::uint32_t size_ = 0;
    std::uint8_t script_ = kAnyScript;
};

}  // namespace tokmill::stages
