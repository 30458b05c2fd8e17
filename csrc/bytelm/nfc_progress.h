// Whether a text may be in NFC, byte by byte.
//
// A beginning of a text in NFC is in NFC (Unicode Standard Annex 15: the forms are closed under
// substrings), so it is enough to look at each character as it is completed: NFC must leave it as
// it is behind what stands before it. Of the text before, that takes the last starter and the class
// of the last mark behind it.
#pragma once

#include <cstdint>

#include "bytelm/utf8_prefix.h"

namespace tokmill::bytelm {

class NfcProgress {
 public:
    // False with the byte from which on no text in NFC begins with these bytes. Nothing is asked of
    // the bytes behind it, nor behind one that is not UTF-8.
    bool add(unsigned char byte);

    // Whether a character is open.
    bool is_within() const noexcept { return !over_ && size_ != 0; }

 private:
    bool accepts(std::uint32_t code_point) const;
    bool accepts_some(CodePointRange range) const;
    void append(std::uint32_t code_point);

    std::uint32_t starter_ = 0;  // U+0000, which composes with nothing, before the first one
    RecentBytes bytes_ = 0;      // of the open character
    std::uint8_t size_ = 0;
    std::uint8_t last_class_ = 0;  // of the last mark behind the starter
    bool over_ = false;
};

// Whether NFC may change the character because of what stands before it.
bool looks_back_in_nfc(std::uint32_t code_point) noexcept;

}  // namespace tokmill::bytelm
