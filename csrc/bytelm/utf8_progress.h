// Whether bytes are valid UTF-8 so far, one by one.
#pragma once

#include <cstdint>

namespace tokmill::bytelm {

class Utf8Progress {
 public:
    bool is_broken() const noexcept { return low_ == 0; }

    void add(unsigned char byte) noexcept {
        if (is_broken()) return;
        if (left_ == 0) {
            begin(byte);
        } else if (byte < low_ || byte > high_) {
            low_ = 0;
        } else {
            --left_;
            expect(0x80, 0xBF);
        }
    }

 private:
    // Table 3-7 of the Unicode standard: four lead bytes restrict the byte behind them.
    void begin(unsigned char lead) noexcept {
        if (lead < 0x80) return;
        if (lead < 0xC2 || lead > 0xF4) {
            low_ = 0;
            return;
        }
        left_ = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        expect(lead == 0xE0   ? 0xA0
               : lead == 0xF0 ? 0x90
                              : 0x80,
               lead == 0xED   ? 0x9F
               : lead == 0xF4 ? 0x8F
                              : 0xBF);
    }
    void expect(int low, int high) noexcept {
        low_ = static_cast<std::uint8_t>(low);
        high_ = static_cast<std::uint8_t>(high);
    }

    std::uint8_t left_ = 0;                  // continuation bytes that have to come
    std::uint8_t low_ = 0x80, high_ = 0xBF;  // range of the next one; low_ 0: broken
};

}  // namespace tokmill::bytelm
