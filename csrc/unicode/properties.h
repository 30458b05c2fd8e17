// Properties of code points as the reference libraries see them (see tools/gen_unicode.py).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tokmill::unicode {

// General categories, in the order that the generated table uses.
enum class Category : std::uint8_t {
    Lu,
    Ll,
    Lt,
    Lm,
    Lo,
    Mn,
    Mc,
    Me,
    Nd,
    Nl,
    No,
    Pc,
    Pd,
    Ps,
    Pe,
    Pi,
    Pf,
    Po,
    Sm,
    Sc,
    Sk,
    So,
    Zs,
    Zl,
    Zp,
    Cc,
    Cf,
    Cs,
    Co,
    Cn,
};

inline constexpr std::uint32_t kCodeSpace = 0x110000;

namespace detail {

// One byte a code point: the category in the low five bits, flags above. Two-stage: blocks of 256
// records, shared by equal runs of code points.
inline constexpr std::size_t kPropertyBlocks = 163;
inline constexpr std::uint8_t kCategoryMask = 0x1F;
inline constexpr std::uint8_t kWhiteSpaceFlag = 0x20;
inline constexpr std::uint8_t kRustNumericFlag = 0x40;
inline constexpr std::uint8_t kRustWordFlag = 0x80;

extern std::array<std::uint8_t, kCodeSpace / 256> const property_block_of;
extern std::array<std::uint8_t, kPropertyBlocks * 256> const property_records;

inline std::uint8_t property_record(std::uint32_t code_point) noexcept {
    if (code_point >= kCodeSpace) [[unlikely]]
        return static_cast<std::uint8_t>(Category::Cn);
    std::size_t const block = property_block_of[code_point >> 8];
    return property_records[block << 8 | (code_point & 0xFF)];
}

}  // namespace detail

// As the regex engines of tokenizers 0.23.3 and tiktoken 0.14.0 see it (Unicode 16; they agree on
// every code point). Surrogates, which cannot occur in valid UTF-8, are Cs; anything beyond
// U+10FFFF is Cn.
inline Category category(std::uint32_t code_point) noexcept {
    return static_cast<Category>(detail::property_record(code_point) & detail::kCategoryMask);
}

constexpr bool is_letter(Category c) noexcept {
    return c <= Category::Lo;
}
constexpr bool is_mark(Category c) noexcept {
    return c >= Category::Mn && c <= Category::Me;
}
constexpr bool is_number(Category c) noexcept {
    return c >= Category::Nd && c <= Category::No;
}

// \s of both engines and Rust's char::is_whitespace: the 25 White_Space code points.
inline bool is_white_space(std::uint32_t code_point) noexcept {
    return detail::property_record(code_point) & detail::kWhiteSpaceFlag;
}

// Rust's char::is_numeric, which the Digits pre-tokenizer uses; of a newer Unicode than the regex
// engines, so not the same as is_number(category(code_point)).
inline bool is_rust_numeric(std::uint32_t code_point) noexcept {
    return detail::property_record(code_point) & detail::kRustNumericFlag;
}

// \w of the Rust regex crate, which decides `single_word` of added tokens; \w of onig is not the
// same (see find_property in scripts.h).
inline bool is_rust_word(std::uint32_t code_point) noexcept {
    return detail::property_record(code_point) & detail::kRustWordFlag;
}

}  // namespace tokmill::unicode
