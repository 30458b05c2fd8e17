// UTF-8 validation, written once over the registers of byte_vector.h. The vector part follows
// J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): every
// pair of neighbouring bytes is classified by three lookups of nibbles whose conjunction is the set
// of errors that the pair is part of; only the third and fourth bytes of a character need a look
// further back. Where a block has an error, the scalar loop finds its place.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simd/byte_vector.h"
#include "simd/utf8_kernels.h"

namespace tokmill::simd {
namespace {

constexpr std::size_t kUtf8Block = 64;

constexpr std::uint64_t kHighBits = 0x8080808080808080;

template <class Word>
Word load_word(std::uint8_t const* text) {
    Word word;
    std::memcpy(&word, text, sizeof word);
    return word;
}

inline bool is_tail_byte(std::uint8_t byte) {
    return (byte & 0xC0) == 0x80;
}

// The length of the character that begins the text (which is not empty), or 0 if it is not valid.
inline std::size_t valid_character(std::uint8_t const* text, std::size_t length) {
    std::uint8_t const lead = text[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || length < 2) return 0;
    std::uint8_t const second = text[1];
    if (lead < 0xE0) return is_tail_byte(second) ? 2 : 0;
    if (lead < 0xF0) {
        std::uint8_t const low = lead == 0xE0 ? 0xA0 : 0x80;
        std::uint8_t const high = lead == 0xED ? 0x9F : 0xBF;
        return length >= 3 && second >= low && second <= high && is_tail_byte(text[2]) ? 3 : 0;
    }
    std::uint8_t const low = lead == 0xF0 ? 0x90 : 0x80;
    std::uint8_t const high = lead == 0xF4 ? 0x8F : 0xBF;
    return lead <= 0xF4 && length >= 4 && second >= low && second <= high &&
                   is_tail_byte(text[2]) && is_tail_byte(text[3])
               ? 4
               : 0;
}

// Whether four bytes, the first one lowest, begin with a valid character of two or three bytes.
inline bool valid_two(std::uint32_t word) {
    return (word & 0xC0E0) == 0x80C0 && (word & 0x1E) != 0;
}
inline bool valid_three(std::uint32_t word) {
    std::uint32_t const start = word & 0x200F;  // what the lead adds, and bit 5 of the second byte
    return (word & 0xC0C0F0) == 0x8080E0 && start != 0 && start != 0x200D;
}

// The end of the valid prefix, given that [0, i) is valid.
inline std::size_t valid_prefix_from(std::uint8_t const* text, std::size_t i, std::size_t length) {
    if constexpr (std::endian::native == std::endian::little) {
        while (length - i >= 11) {
            std::uint64_t const beyond_ascii = load_word<std::uint64_t>(text + i) & kHighBits;
            if (beyond_ascii == 0) {
                i += 8;
                continue;
            }
            i += static_cast<std::size_t>(std::countr_zero(beyond_ascii)) / 8;
            // Characters of one length come in runs; a branch that is foreseen does not wait.
            if (valid_three(load_word<std::uint32_t>(text + i))) {
                do i += 3;
                while (length - i >= 4 && valid_three(load_word<std::uint32_t>(text + i)));
            } else if (valid_two(load_word<std::uint32_t>(text + i))) {
                do i += 2;
                while (length - i >= 4 && valid_two(load_word<std::uint32_t>(text + i)));
            } else {
                std::size_t const size = valid_character(text + i, length - i);
                if (size == 0) return i;
                i += size;
            }
        }
    }
    while (i < length) {
        std::size_t const size = valid_character(text + i, length - i);
        if (size == 0) break;
        i += size;
    }
    return i;
}

struct ScalarUtf8 {
    static std::size_t valid_prefix(std::uint8_t const* text, std::size_t length) {
        return valid_prefix_from(text, 0, length);
    }
    static bool is_ascii(std::uint8_t const* text, std::size_t length) {
        std::size_t i = 0;
        for (; length - i >= 8; i += 8) {
            if ((load_word<std::uint64_t>(text + i) & kHighBits) != 0) return false;
        }
        for (; i < length; ++i) {
            if (text[i] >= 0x80) return false;
        }
        return true;
    }
};

// What can be wrong with a pair of bytes. A pair has the error if all three tables say so.
enum PairError : std::uint8_t {
    kTooShort = 1,    // a lead without a tail byte behind it
    kTooLong = 2,     // a tail byte behind ASCII
    kOverlong3 = 4,   // E0 80..9F
    kTooLarge = 8,    // F4 90.. and F5.. with 90..BF
    kSurrogate = 16,  // ED A0..BF
    kOverlong2 = 32,  // C0, C1
    kOverlong4 = 64,  // F0 80..8F, and F5.. with 80..8F
    kTwoTails = 128,  // not an error where a character of three or four bytes asks for it
    kWhateverLow = kTooShort | kTooLong | kTwoTails,
};

// By the high nibble of the first byte, its low nibble, and the high nibble of the second byte.
alignas(16) constexpr std::uint8_t kFirstHigh[16] = {
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTwoTails,
    kTwoTails,
    kTwoTails,
    kTwoTails,
    kTooShort | kOverlong2,
    kTooShort,
    kTooShort | kOverlong3 | kSurrogate,
    kTooShort | kTooLarge | kOverlong4,
};
alignas(16) constexpr std::uint8_t kFirstLow[16] = {
    kWhateverLow | kOverlong3 | kOverlong2 | kOverlong4,
    kWhateverLow | kOverlong2,
    kWhateverLow,
    kWhateverLow,
    kWhateverLow | kTooLarge,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4 | kSurrogate,
    kWhateverLow | kTooLarge | kOverlong4,
    kWhateverLow | kTooLarge | kOverlong4,
};
alignas(16) constexpr std::uint8_t kSecondHigh[16] = {
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooLong | kTwoTails | kOverlong2 | kOverlong3 | kOverlong4,
    kTooLong | kTwoTails | kOverlong2 | kOverlong3 | kTooLarge,
    kTooLong | kTwoTails | kOverlong2 | kSurrogate | kTooLarge,
    kTooLong | kTwoTails | kOverlong2 | kSurrogate | kTooLarge,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
};

template <class Bytes>
struct VectorUtf8 {
    static Bytes all(std::uint8_t const* block) {
        Bytes sum = Bytes::load(block);
        for (std::size_t k = Bytes::kSize; k < kUtf8Block; k += Bytes::kSize) {
            sum = sum | Bytes::load(block + k);
        }
        return sum;
    }

    static bool is_ascii(std::uint8_t const* text, std::size_t length) {
        std::size_t i = 0;
        for (; length - i >= kUtf8Block; i += kUtf8Block) {
            if (all(text + i).high_bits() != 0) return false;
        }
        return ScalarUtf8::is_ascii(text + i, length - i);
    }

    // The bytes at which an error shows, as nonzero bytes. Reads three bytes before `p`.
    static Bytes errors(std::uint8_t const* p) {
        Bytes const first = Bytes::load(p - 1);
        Bytes const second = Bytes::load(p);
        Bytes const pair = Bytes::table16(kFirstHigh).lookup(first.high_nibbles()) &
                           Bytes::table16(kFirstLow).lookup(first.low_nibbles()) &
                           Bytes::table16(kSecondHigh).lookup(second.high_nibbles());
        // Bit 7 where a third or fourth byte has to be: two tail bytes are right there, and only
        // there.
        Bytes const third = Bytes::load(p - 2).minus_saturated(0xE0 - 0x80);
        Bytes const fourth = Bytes::load(p - 3).minus_saturated(0xF0 - 0x80);
        return pair ^ ((third | fourth) & Bytes::splat(0x80));
    }

    static bool block_has_error(std::uint8_t const* block) {
        Bytes sum = errors(block);
        for (std::size_t k = Bytes::kSize; k < kUtf8Block; k += Bytes::kSize) {
            sum = sum | errors(block + k);
        }
        return sum.nonzero_bits() != 0;
    }

    // How many bytes before `p` belong to a character that ends at or behind it, given that there
    // is no other error before `p`.
    static std::size_t unfinished(std::uint8_t const* p) {
        if (p[-1] >= 0xC0) return 1;
        if (p[-2] >= 0xE0) return 2;
        return p[-3] >= 0xF0 ? 3 : 0;
    }

    static std::size_t valid_prefix(std::uint8_t const* text, std::size_t length) {
        if (length < kUtf8Block + 8) return ScalarUtf8::valid_prefix(text, length);
        // Enough characters for the kernel to have three bytes to look back at.
        std::size_t i = 0;
        while (i < 3) {
            std::size_t const size = valid_character(text + i, length - i);
            if (size == 0) return i;
            i += size;
        }
        while (length - i >= kUtf8Block) {
            if (all(text + i).high_bits() == 0) {
                if (unfinished(text + i) != 0) break;
            } else if (block_has_error(text + i)) {
                break;
            }
            i += kUtf8Block;
        }
        return valid_prefix_from(text, i - unfinished(text + i), length);
    }
};

template <class Kernel>
constexpr Utf8Kernels kUtf8Kernels = {Kernel::valid_prefix, Kernel::is_ascii};

}  // namespace
}  // namespace tokmill::simd
