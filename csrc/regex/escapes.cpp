// Escapes of both dialects.
#include "regex/escapes.h"

#include <string>
#include <string_view>

#include "regex/named_sets.h"

namespace tokmill::regex {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_ascii_letter(std::uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::uint32_t checked_code_point(std::uint32_t value, std::size_t position) {
    if (value > kLastCodePoint || (value >= kFirstSurrogate && value <= kLastSurrogate))
        invalid_at("escape of something that is not a Unicode scalar value", position);
    return value;
}

// Up to `limit` hexadecimal digits; their number is `count`.
std::uint32_t take_hex(PatternReader& reader, unsigned limit, unsigned& count) {
    std::uint32_t value = 0;
    for (count = 0; count < limit && !reader.at_end(); ++count) {
        int const digit = hex_value(reader.rest().front());
        if (digit < 0) break;
        value = value << 4 | static_cast<std::uint32_t>(digit);
        reader.take();
    }
    return value;
}

// {H...}: one to eight digits.
std::uint32_t take_braced_hex(PatternReader& reader, std::size_t start) {
    unsigned count = 0;
    std::uint32_t const value = take_hex(reader, 8, count);
    if (count > 0 && (reader.next_is(' ') || reader.next_is('-') || reader.next_is('\n')))
        unsupported_at("sequence of code points in one escape", start);
    if (count == 0 || !reader.skip('}')) invalid_at("bad hexadecimal escape", start);
    return checked_code_point(value, start);
}

// \xHH, \uHHHH, \UHHHHHHHH and their forms in braces; `digits` long without braces.
std::uint32_t take_hex_escape(PatternReader& reader, Dialect dialect, unsigned digits,
                              std::size_t start) {
    bool const onig = dialect == Dialect::onig;
    bool const may_be_braced = !onig || digits == 2;
    if (may_be_braced && reader.skip('{')) return take_braced_hex(reader, start);
    unsigned count = 0;
    std::uint32_t const value = take_hex(reader, digits, count);
    bool const may_be_short = onig && digits == 2;
    if (count == 0 || (count < digits && !may_be_short))
        invalid_at("bad hexadecimal escape", start);
    if (onig && digits == 2 && value >= 0x80) unsupported_at("escape of a single byte", start);
    return checked_code_point(value, start);
}

// \0, \012: Oniguruma only; the reader is after the zero.
std::uint32_t take_octal_after_zero(PatternReader& reader) {
    std::uint32_t value = 0;
    for (int i = 0; i < 2 && !reader.at_end(); ++i) {
        char const c = reader.rest().front();
        if (c < '0' || c > '7') break;
        value = value * 8 + static_cast<std::uint32_t>(c - '0');
        reader.take();
    }
    return value;
}

EscapedSet take_property(PatternReader& reader, Dialect dialect, bool in_class, bool negated,
                         std::size_t start) {
    EscapedSet result;
    result.is_property = true;
    result.negated = negated;
    std::string_view name;
    if (reader.skip('{')) {
        std::size_t const close = reader.rest().find('}');
        if (close == std::string_view::npos) invalid_at("property name without end", start);
        name = reader.rest().substr(0, close);
        reader.seek(reader.position() + close + 1);
        if (name.starts_with('^')) {
            result.negated = !negated;
            name.remove_prefix(1);
        }
    } else {
        // \pL of the Rust dialect.
        if (reader.at_end()) invalid_at("property name without end", start);
        name = reader.rest().substr(0, 1);
        reader.take();
    }
    auto set = property_set(name, dialect, in_class, result.negated);
    if (!set) unsupported_at("property \"" + std::string(name) + "\"", start);
    result.set = std::move(*set);
    return result;
}

}  // namespace

std::optional<EscapedSet> parse_set_escape(PatternReader& reader, Dialect dialect, bool in_class) {
    if (reader.at_end()) return std::nullopt;
    std::size_t const start = reader.position() - 1;
    char const c = reader.rest().front();
    auto const shorthand = [&](Shorthand kind) {
        reader.take();
        return EscapedSet{shorthand_set(kind, dialect, in_class), c <= 'Z', false};
    };
    switch (c) {
        case 'd':
        case 'D':
            return shorthand(Shorthand::digit);
        case 's':
        case 'S':
            return shorthand(Shorthand::space);
        case 'w':
        case 'W':
            return shorthand(Shorthand::word);
        case 'h':
        case 'H':
            return shorthand(Shorthand::hex_digit);
        case 'p':
        case 'P': {
            // Without a brace this is a plain letter to Oniguruma.
            if (dialect == Dialect::onig && !reader.rest().substr(1).starts_with('{'))
                return std::nullopt;
            reader.take();
            return take_property(reader, dialect, in_class, c == 'P', start);
        }
        default:
            return std::nullopt;
    }
}

std::uint32_t parse_char_escape(PatternReader& reader, Dialect dialect, bool in_class) {
    std::size_t const start = reader.position() - 1;
    if (reader.at_end()) invalid_at("backslash at the end", start);
    std::uint32_t const c = reader.take();
    bool const onig = dialect == Dialect::onig;
    switch (c) {
        case 'a':
            return 0x07;
        case 'b':
            if (in_class) return 0x08;
            break;
        case 'e':
            return 0x1B;
        case 'f':
            return 0x0C;
        case 'n':
            return 0x0A;
        case 'r':
            return 0x0D;
        case 't':
            return 0x09;
        case 'v':
            return 0x0B;
        case 'x':
            return take_hex_escape(reader, dialect, 2, start);
        case 'u':
            return take_hex_escape(reader, dialect, 4, start);
        case 'U':
            if (!onig) return take_hex_escape(reader, dialect, 8, start);
            break;
        case '0':
            if (onig) return take_octal_after_zero(reader);
            break;
        default:
            break;
    }
    if (c >= '0' && c <= '9') unsupported_at("back-reference or octal escape", start);
    if (onig) {
        if (c == 'c' || c == 'C' || c == 'M' || c == 'o')
            unsupported_at("control, meta or octal escape", start);
    } else if (is_ascii_letter(c)) {
        constexpr std::string_view kPlainInClass = "kAzBKGR";
        if (!in_class || kPlainInClass.find(static_cast<char>(c)) == std::string_view::npos)
            invalid_at("unknown escape", start);
    }
    return c;
}

}  // namespace tokmill::regex
