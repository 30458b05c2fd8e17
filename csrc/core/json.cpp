// The JSON pull reader. Strings are scanned eight bytes at a time, since nearly all of a tokenizer
// file is short strings.
#include "core/json.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "core/error.h"
#include "simd/utf8.h"

namespace tokmill::json {

namespace {

constexpr unsigned kMaxDepth = 127;  // serde_json fails when the 128th container opens
constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr std::uint64_t kHighs = 0x8080808080808080u;

std::uint64_t load_8(char const* from) noexcept {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// High bit set in bytes of `word` that are below `limit` (at most 128). Only the lowest set bit is
// reliable: a borrow may disturb the bytes above it.
constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint64_t limit) noexcept {
    return (word - kOnes * limit) & ~word & kHighs;
}

constexpr std::uint64_t bytes_equal(std::uint64_t word, char value) noexcept {
    return bytes_below(word ^ (kOnes * static_cast<std::uint8_t>(value)), 1);
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

char const* skip_digits(char const* cursor, char const* end) noexcept {
    while (cursor != end && is_digit(*cursor)) ++cursor;
    return cursor;
}

// Whether a number, spelled as JSON has it, is more than one in size.
bool is_above_one(char const* cursor, char const* end) noexcept {
    if (*cursor == '-') ++cursor;
    // Where the decimal point stands behind the first digit that is not zero.
    long long order = 0;
    bool started = false;
    bool behind_point = false;
    for (; cursor != end && *cursor != 'e' && *cursor != 'E'; ++cursor) {
        if (*cursor == '.') {
            behind_point = true;
            continue;
        }
        started |= *cursor != '0';
        if (behind_point ? !started : started) order += behind_point ? -1 : 1;
    }
    if (cursor == end) return order > 0;
    ++cursor;
    bool const negative = *cursor == '-';
    if (negative || *cursor == '+') ++cursor;
    long long exponent = 0;
    constexpr long long kHuge = 1LL << 48;  // longer than any file
    for (; cursor != end && exponent < kHuge; ++cursor) exponent = exponent * 10 + (*cursor - '0');
    return order + (negative ? -exponent : exponent) > 0;
}

std::size_t encode_utf8(std::uint32_t code_point, char* out) noexcept {
    if (code_point < 0x80) {
        out[0] = static_cast<char>(code_point);
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = static_cast<char>(0xC0 | (code_point >> 6));
        out[1] = static_cast<char>(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = static_cast<char>(0xE0 | (code_point >> 12));
        out[1] = static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
        out[2] = static_cast<char>(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = static_cast<char>(0xF0 | (code_point >> 18));
    out[1] = static_cast<char>(0x80 | ((code_point >> 12) & 0x3F));
    out[2] = static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
    out[3] = static_cast<char>(0x80 | (code_point & 0x3F));
    return 4;
}

}  // namespace

Value const* Value::find(std::string_view name) const noexcept {
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
        if (member->first == name) return &member->second;
    }
    return nullptr;
}

Reader::Reader(std::string_view text)
    : begin_(text.data()), end_(text.data() + text.size()), cursor_(text.data()) {
    std::size_t const valid = simd::valid_utf8_prefix(text);
    if (valid != text.size()) fail_at(valid, "invalid UTF-8");
}

void Reader::fail_at(std::size_t position, std::string const& reason) const {
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t i = 0; i < position; ++i) {
        ++column;
        if (begin_[i] == '\n') {
            ++line;
            column = 1;
        }
    }
    throw Error(ErrorKind::invalid_tokenizer,
                reason + " at line " + std::to_string(line) + " column " + std::to_string(column),
                position);
}

void Reader::skip_white_space() noexcept {
    while (cursor_ != end_) {
        char const c = *cursor_;
        if (c == ' ') {
            // Indented files are mostly runs of spaces.
            while (end_ - cursor_ >= 8 && load_8(cursor_) == kOnes * ' ') cursor_ += 8;
            while (cursor_ != end_ && *cursor_ == ' ') ++cursor_;
        } else if (c == '\n' || c == '\r' || c == '\t') {
            ++cursor_;
        } else {
            return;
        }
    }
}

char Reader::next_byte() {
    if (cursor_ != end_ && static_cast<unsigned char>(*cursor_) > ' ') return *cursor_;
    skip_white_space();
    if (cursor_ == end_) fail("unexpected end of the file");
    return *cursor_;
}

Kind Reader::peek() {
    char const c = next_byte();
    switch (c) {
        case '{':
            return Kind::object;
        case '[':
            return Kind::array;
        case '"':
            return Kind::string;
        case 't':
        case 'f':
            return Kind::boolean;
        case 'n':
            return Kind::null;
        default:
            if (c == '-' || is_digit(c)) return Kind::number;
            fail("expected a value");
    }
}

void Reader::enter(char bracket, char const* expected) {
    if (next_byte() != bracket) fail(std::string("expected ") + expected);
    if (depth_ == kMaxDepth) fail("recursion limit exceeded");
    ++depth_;
    ++cursor_;
    first_ = true;
}

void Reader::leave() noexcept {
    --depth_;
    ++cursor_;
    first_ = false;
}

// Moves to the next element of the container that `close` ends; false if there is none.
bool Reader::advance(char close) {
    char c = next_byte();
    if (c == close) {
        leave();
        return false;
    }
    if (!first_) {
        if (c != ',') fail(std::string("expected `,` or `") + close + "`");
        ++cursor_;
        c = next_byte();
        if (c == close) fail("trailing comma");
    }
    first_ = false;
    return true;
}

void Reader::begin_object() {
    enter('{', "an object");
}
void Reader::begin_array() {
    enter('[', "an array");
}
bool Reader::next_element() {
    return advance(']');
}

bool Reader::next_member(std::string_view& key) {
    if (!advance('}')) return false;
    if (*cursor_ != '"') fail("key must be a string");
    key = string();
    if (next_byte() != ':') fail("expected `:`");
    ++cursor_;
    return true;
}

std::string_view Reader::string() {
    if (next_byte() != '"') fail("expected a string");
    char const* const start = cursor_ + 1;
    char const* p = start;
    for (;;) {
        if constexpr (std::endian::native == std::endian::little) {
            while (end_ - p >= 8) {
                std::uint64_t const word = load_8(p);
                std::uint64_t const stop =
                    bytes_equal(word, '"') | bytes_equal(word, '\\') | bytes_below(word, 0x20);
                if (stop != 0) {
                    p += static_cast<unsigned>(std::countr_zero(stop)) >> 3;
                    break;
                }
                p += 8;
            }
        }
        if (p == end_) {
            cursor_ = p;
            fail("end of the file inside a string");
        }
        auto const byte = static_cast<unsigned char>(*p);
        if (byte == '"') break;
        if (byte == '\\') return unescape(start, p);
        if (byte < 0x20) {
            cursor_ = p;
            fail("control character inside a string");
        }
        ++p;
    }
    cursor_ = p + 1;
    return {start, static_cast<std::size_t>(p - start)};
}

char* Reader::allocate(std::size_t size) {
    constexpr std::size_t kBlock = 1u << 16;
    if (size > block_left_) {
        std::size_t const block = size > kBlock / 4 ? size : kBlock;
        blocks_.push_back(std::make_unique<char[]>(block));
        if (block == size) return blocks_.back().get();
        block_free_ = blocks_.back().get();
        block_left_ = block;
    }
    char* const result = block_free_;
    block_free_ += size;
    block_left_ -= size;
    return result;
}

std::uint32_t Reader::hex_escape(char const*& cursor) const {
    std::uint32_t unit = 0;
    auto const at = static_cast<std::size_t>(cursor - begin_);
    if (end_ - cursor < 4) fail_at(at, "end of the file inside a string");
    auto const [last, error] = std::from_chars(cursor, cursor + 4, unit, 16);
    if (error != std::errc{} || last != cursor + 4) fail_at(at, "invalid escape");
    cursor += 4;
    return unit;
}

// The rest of a string from its first backslash on; `start` is where the string starts.
std::string_view Reader::unescape(char const* start, char const* escape) {
    // An escape is never shorter than what it stands for, so the string fits its spelling.
    char const* close = escape;
    while (close != end_ && *close != '"') close += (*close == '\\' && end_ - close > 1) ? 2 : 1;
    if (close == end_) {
        cursor_ = end_;
        fail("end of the file inside a string");
    }
    char* const out = allocate(static_cast<std::size_t>(close - start));
    auto const plain = static_cast<std::size_t>(escape - start);
    std::memcpy(out, start, plain);
    char* to = out + plain;
    char const* p = escape;
    while (p != close) {
        auto const byte = static_cast<unsigned char>(*p);
        if (byte < 0x20) {
            fail_at(static_cast<std::size_t>(p - begin_), "control character inside a string");
        }
        if (byte != '\\') {
            *to++ = *p++;
            continue;
        }
        auto const at = static_cast<std::size_t>(p - begin_);
        char const kind = p[1];
        p += 2;
        switch (kind) {
            case '"':
            case '\\':
            case '/':
                *to++ = kind;
                break;
            case 'b':
                *to++ = '\b';
                break;
            case 'f':
                *to++ = '\f';
                break;
            case 'n':
                *to++ = '\n';
                break;
            case 'r':
                *to++ = '\r';
                break;
            case 't':
                *to++ = '\t';
                break;
            case 'u': {
                std::uint32_t code_point = hex_escape(p);
                if (code_point >= 0xDC00 && code_point <= 0xDFFF) {
                    fail_at(at, "lone surrogate in a hexadecimal escape");
                }
                if (code_point >= 0xD800 && code_point <= 0xDBFF) {
                    if (end_ - p < 2 || p[0] != '\\' || p[1] != 'u') {
                        fail_at(at, "lone surrogate in a hexadecimal escape");
                    }
                    p += 2;
                    std::uint32_t const low = hex_escape(p);
                    if (low < 0xDC00 || low > 0xDFFF) {
                        fail_at(at, "lone surrogate in a hexadecimal escape");
                    }
                    code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
                }
                to += encode_utf8(code_point, to);
                break;
            }
            default:
                fail_at(at, "invalid escape");
        }
    }
    cursor_ = close + 1;
    return {out, static_cast<std::size_t>(to - out)};
}

std::string_view Reader::number() {
    next_byte();
    char const* const start = cursor_;
    char const* p = start;
    bool const negative = *p == '-';
    if (negative) ++p;
    if (p == end_ || !is_digit(*p)) fail(negative ? "invalid number" : "expected a number");
    p = *p == '0' ? p + 1 : skip_digits(p, end_);
    bool whole = true;
    if (p != end_ && *p == '.') {
        char const* const fraction = p + 1;
        p = skip_digits(fraction, end_);
        if (p == fraction) fail("invalid number");
        whole = false;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end_ && (*p == '+' || *p == '-')) ++p;
        char const* const exponent = p;
        p = skip_digits(exponent, end_);
        if (p == exponent) fail("invalid number");
        whole = false;
    }
    if (p != end_ && is_digit(*p)) fail("invalid number");  // a leading zero
    // Too small is fine (it is zero then), too large is not.
    double parsed = 0;
    if ((!whole || p - start > 300) &&
        std::from_chars(start, p, parsed).ec == std::errc::result_out_of_range &&
        is_above_one(start, p)) {
        fail("number out of range");
    }
    cursor_ = p;
    return {start, static_cast<std::size_t>(p - start)};
}

std::uint32_t Reader::unsigned_32() {
    next_byte();
    // The common case, a few digits; everything else is told apart by the full grammar.
    char const* p = cursor_;
    std::uint64_t parsed = 0;
    while (p != end_ && is_digit(*p) && p - cursor_ < 10) {
        parsed = parsed * 10 + static_cast<unsigned>(*p++ - '0');
    }
    bool const plain = p != cursor_ && (*cursor_ != '0' || p - cursor_ == 1) &&
                       (p == end_ || (!is_digit(*p) && *p != '.' && *p != 'e' && *p != 'E'));
    if (!plain || parsed > 0xFFFFFFFFu) {
        std::size_t const at = position();
        number();
        fail_at(at, "expected an unsigned 32-bit integer");
    }
    cursor_ = p;
    return static_cast<std::uint32_t>(parsed);
}

void Reader::expect_word(std::string_view word) {
    next_byte();
    if (std::string_view(cursor_, static_cast<std::size_t>(end_ - cursor_))
            .substr(0, word.size()) != word) {
        fail("expected `" + std::string(word) + "`");
    }
    cursor_ += word.size();
}

bool Reader::boolean() {
    char const c = next_byte();
    if (c != 't' && c != 'f') fail("expected a boolean");
    expect_word(c == 't' ? "true" : "false");
    return c == 't';
}

void Reader::null() {
    expect_word("null");
}

Value Reader::value() {
    Value result;
    result.kind = peek();
    result.position = position();
    switch (result.kind) {
        case Kind::null:
            null();
            break;
        case Kind::boolean:
            result.boolean = boolean();
            break;
        case Kind::number:
            result.text = number();
            break;
        case Kind::string:
            result.text = string();
            break;
        case Kind::array:
            begin_array();
            while (next_element()) result.items.push_back(value());
            break;
        case Kind::object: {
            std::string_view key;
            begin_object();
            while (next_member(key)) {
                std::string name(key);
                result.members.emplace_back(std::move(name), value());
            }
            break;
        }
    }
    return result;
}

void Reader::skip() {
    std::string_view key;
    switch (peek()) {
        case Kind::null:
            null();
            break;
        case Kind::boolean:
            boolean();
            break;
        case Kind::number:
            number();
            break;
        case Kind::string:
            string();
            break;
        case Kind::array:
            begin_array();
            while (next_element()) skip();
            break;
        case Kind::object:
            begin_object();
            while (next_member(key)) skip();
            break;
    }
}

void Reader::finish() {
    skip_white_space();
    if (cursor_ != end_) fail("trailing characters");
}

void Reader::seek(Mark mark) noexcept {
    cursor_ = mark.cursor;
    depth_ = mark.depth;
    first_ = false;
}

}  // namespace tokmill::json
