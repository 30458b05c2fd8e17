// Properties of code points as the reference libraries see them (see tools/gen_unicode.py).
#pragma once

#include <cstdint>

namespace tokmill::unicode {

// General categories, in the order that the generated table uses.
enum class Category : std::uint8_t {
    Lu, Ll, Lt, Lm, Lo, Mn, Mc, Me, Nd, Nl, No, Pc, Pd, Ps, Pe, Pi, Pf, Po, Sm, Sc, Sk, So,
    Zs, Zl, Zp, Cc, Cf, Cs, Co, Cn,
};

// As the regex engines of tokenizers 0.23.3 and tiktoken 0.14.0 see it (Unicode 16).
Category category(std::uint32_t code_point) noexcept;

constexpr bool is_letter(Category c) noexcept { return c <= Category::Lo; }
constexpr bool is_mark(Category c) noexcept { return c >= Category::Mn && c <= Category::Me; }
constexpr bool is_number(Category c) noexcept { return c >= Category::Nd && c <= Category::No; }

// \s of both engines and Rust's char::is_whitespace: the 25 White_Space code points.
bool is_white_space(std::uint32_t code_point) noexcept;

// Rust's char::is_numeric, which the Digits pre-tokenizer uses.
bool is_rust_numeric(std::uint32_t code_point) noexcept;

// \w of the Rust regex crate, which decides `single_word` of added tokens.
bool is_rust_word(std::uint32_t code_point) noexcept;

}  // namespace tokmill::unicode
