#include "models/junctions.h"

#include <algorithm>
#include <bit>

#include "core/utf8_decode.h"

namespace tokmill {
namespace {

using Byte = unsigned char;

// Sides of a boundary are named by one number. A whole character: its code point. Of a character
// that a token holds only in part, what the token can hold at the boundary: behind it the first two
// bytes, before it the last byte. Every character has both names, and a token is entered under the
// one that fits what it holds, so that asking for all four combinations finds every token.
constexpr std::uint32_t kFirstBytes = 1u << 30;
constexpr std::uint32_t kLastByte = 1u << 31;

std::uint32_t first_bytes(Byte first, Byte second) {
    return kFirstBytes | first << 8u | second;
}
std::uint32_t last_byte(Byte byte) {
    return kLastByte | byte;
}

std::size_t length_of(Byte lead) {
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

struct Pair {
    std::uint32_t left, right;
};

// The names under which the text before `at` ends.
std::uint32_t left_name(Byte const* token, std::size_t at) {
    std::size_t lead = at - 1;
    while (lead > 0 && at - lead < 4 && is_continuation(token[lead])) --lead;
    bool const whole = !is_continuation(token[lead]) && length_of(token[lead]) == at - lead;
    return whole ? decode_char(token + lead).code_point : last_byte(token[at - 1]);
}

// Adds the pairs of one boundary inside a token. A token that ends behind the first byte of a
// character stands for all 64 second bytes.
void add_pairs(Byte const* token, std::size_t size, std::size_t at, std::vector<Pair>& pairs) {
    std::uint32_t const left = left_name(token, at);
    Byte const lead = token[at];
    std::size_t const length = length_of(lead);
    if (at + length <= size) {
        pairs.push_back({left, decode_char(token + at).code_point});
    } else if (at + 1 < size) {
        pairs.push_back({left, first_bytes(lead, token[at + 1])});
    } else {
        for (unsigned second = 0x80; second < 0xC0; ++second) {
            pairs.push_back({left, first_bytes(lead, static_cast<Byte>(second))});
        }
    }
}

}  // namespace

Junctions::Junctions(std::span<std::string_view const> tokens) {
    std::vector<Pair> pairs;
    pairs.reserve(tokens.size());
    for (std::string_view const token : tokens) {
        auto const* const bytes = reinterpret_cast<Byte const*>(token.data());
        for (std::size_t at = 1; at < token.size(); ++at) {
            if ((bytes[at - 1] | bytes[at]) < 0x80) continue;  // never asked
            if (!is_continuation(bytes[at])) add_pairs(bytes, token.size(), at, pairs);
        }
    }
    // About one bit in sixteen set: as many cuts are missed.
    bits_ = Array(LargeVector<std::uint64_t>(std::bit_ceil(pairs.size() / 4 + 64)));
    attach();
    LargeVector<std::uint64_t> bits(bits_.size());
    for (Pair const& pair : pairs) {
        std::size_t const i = place(pair.left, pair.right);
        bits[i / 64] |= std::uint64_t{1} << i % 64;
    }
    bits_ = Array(std::move(bits));
}

Junctions::Junctions(Array<std::uint64_t> bits) : bits_(std::move(bits)) {
    attach();
}

void Junctions::attach() noexcept {
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(bits_.size() * 64));
}

bool Junctions::may_join(Side left, Side right) const noexcept {
    return test(left.whole, right.whole) | test(left.whole, right.part) |
           test(left.part, right.whole) | test(left.part, right.part);
}

void Junctions::cut(std::string_view word, std::vector<Span>& pieces) const {
    auto const* const bytes = reinterpret_cast<Byte const*>(word.data());
    std::size_t begin = 0;
    Side left{0, 0};
    for (std::size_t at = 0; at < word.size();) {
        DecodedChar const c = decode_char(bytes + at);
        Side const right{c.code_point,
                         c.size == 1 ? c.code_point : first_bytes(bytes[at], bytes[at + 1])};
        bool const ascii = (left.whole | c.code_point) < 0x80;
        if (at != 0 && !ascii && !may_join(left, right)) {
            pieces.push_back({begin, at});
            begin = at;
        }
        at += c.size;
        left = {c.code_point, last_byte(bytes[at - 1])};
    }
    pieces.push_back({begin, word.size()});
}

}  // namespace tokmill
