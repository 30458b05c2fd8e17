// Transcoding, UTF-8 validation and byte search: every instruction set of the machine against plain
// loops, at every short length and alignment.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "core/text_ref.h"
#include "simd/byte_search.h"
#include "simd/isa.h"
#include "simd/transcode.h"
#include "simd/utf8.h"

namespace {

using namespace tokmill;
using simd::Isa;

std::string encode_utf8(std::uint32_t c) {
    auto const byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 63))};
    if (c < 0x10000)
        return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)),
            byte(0x80 | (c & 63))};
}

template <class Unit>
constexpr TextKind kKind = sizeof(Unit) == 1   ? TextKind::latin1
                           : sizeof(Unit) == 2 ? TextKind::ucs2
                                               : TextKind::ucs4;

// A scalar value that fits the unit; `style` biases the mixture towards one length.
template <class Unit>
Unit random_character(std::mt19937& random, unsigned style) {
    static constexpr std::uint32_t edges[] = {
        0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF, 0xFF, 0xBF, 0xC0};
    for (;;) {
        std::uint32_t c = 0;
        switch (random() % 8 < 6 ? style : random() % 6) {
            case 0:
                c = random() % 0x80;
                break;
            case 1:
                c = 0x80 + random() % 0x780;
                break;
            case 2:
                c = 0x3000 + random() % 0x6000;
                break;
            case 3:
                c = 0x10000 + random() % 0x100000;
                break;
            case 4:
                c = edges[random() % std::size(edges)];
                break;
            default:
                c = random() % 0x110000;
        }
        if (c >= 0xD800 && c < 0xE000) continue;
        if (sizeof(Unit) < 4 && c >> (8 * sizeof(Unit) % 32) != 0)
            c &= sizeof(Unit) == 1 ? 0xFF : 0x7FFF;
        return static_cast<Unit>(c);
    }
}

template <class Unit>
std::string transcode(std::vector<Unit> const& units, Isa isa) {
    TextRef const text{units.data(), units.size(), kKind<Unit>};
    std::string out(simd::utf8_length_bound(text), '#');
    out.resize(simd::transcode_to_utf8(text, out.data(), isa));
    return out;
}

template <class Unit>
void check_transcoding() {
    std::mt19937 random(1);
    for (std::size_t length = 0; length <= 200; ++length) {
        for (unsigned style = 0; style < 6; ++style) {
            std::vector<Unit> units;  // of exactly this capacity, for the address sanitizer
            units.reserve(length);
            std::string expected;
            for (std::size_t k = 0; k < length; ++k) {
                units.push_back(random_character<Unit>(random, style));
                expected += encode_utf8(units.back());
            }
            for (Isa const isa : simd::available_isas()) CHECK_EQ(transcode(units, isa), expected);
        }
    }
}

template <class Unit>
void check_refusal(std::uint32_t bad) {
    std::mt19937 random(2);
    for (std::size_t length = 1; length <= 140; ++length) {
        std::vector<Unit> units;
        for (std::size_t k = 0; k < length; ++k) {
            units.push_back(random_character<Unit>(random, static_cast<unsigned>(length % 3)));
        }
        std::size_t const position = random() % length;
        units[position] = static_cast<Unit>(bad);
        if (position + 3 < length) units[position + 3] = static_cast<Unit>(bad);
        for (Isa const isa : simd::available_isas()) {
            std::size_t found = kNoPosition;
            try {
                transcode(units, isa);
            } catch (Error const& error) {
                CHECK(error.kind() == ErrorKind::invalid_input);
                found = error.position();
            }
            CHECK_EQ(found, position);
        }
    }
}

// The definition of UTF-8, spelled out: decode, check the range, and that this is the shortest
// form.
std::size_t plain_valid_prefix(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        auto const lead = static_cast<unsigned char>(text[i]);
        std::size_t const size = lead < 0x80   ? 1
                                 : lead < 0xC0 ? 0
                                 : lead < 0xE0 ? 2
                                 : lead < 0xF0 ? 3
                                 : lead < 0xF8 ? 4
                                               : 0;
        if (size == 0 || text.size() - i < size) return i;
        std::uint32_t c = size == 1 ? lead : lead & (0x7Fu >> size);
        for (std::size_t k = 1; k < size; ++k) {
            auto const tail = static_cast<unsigned char>(text[i + k]);
            if (tail < 0x80 || tail >= 0xC0) return i;
            c = c << 6 | (tail & 0x3Fu);
        }
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || encode_utf8(c).size() != size) return i;
        i += size;
    }
    return i;
}

void check_validation(std::string_view text) {
    std::vector<char> const exact(text.begin(), text.end());  // no byte more: address sanitizer
    std::string_view const view(exact.data(), exact.size());
    std::size_t const expected = plain_valid_prefix(view);
    bool ascii = true;
    for (char const c : view) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    for (Isa const isa : simd::available_isas()) {
        CHECK_EQ(simd::valid_utf8_prefix(view, isa), expected);
        CHECK_EQ(simd::is_ascii(view, isa), ascii);
    }
}

}  // namespace

TEST(transcode_latin1) {
    check_transcoding<std::uint8_t>();
}
TEST(transcode_ucs2) {
    check_transcoding<std::uint16_t>();
}
TEST(transcode_ucs4) {
    check_transcoding<std::uint32_t>();
}

TEST(transcode_every_character) {
    std::vector<std::uint32_t> units;
    std::string expected;
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        units.push_back(c);
        expected += encode_utf8(c);
    }
    for (Isa const isa : simd::available_isas()) CHECK(transcode(units, isa) == expected);
    std::vector<std::uint16_t> const narrow(units.begin(), units.begin() + 0x10000 - 0x800);
    expected.resize(expected.size() - 4 * 0x100000);
    for (Isa const isa : simd::available_isas()) CHECK(transcode(narrow, isa) == expected);
}

TEST(transcode_refuses_surrogates) {
    for (std::uint32_t const bad : {0xD800u, 0xDBFFu, 0xDC00u, 0xDFFFu}) {
        check_refusal<std::uint16_t>(bad);
        check_refusal<std::uint32_t>(bad);
    }
    check_refusal<std::uint32_t>(0x110000);
    check_refusal<std::uint32_t>(0xFFFFFFFF);
}

TEST(transcode_copies_bytes) {
    std::string const text = "any \xFF bytes";
    TextRef const ref{text.data(), text.size(), TextKind::bytes};
    std::string out(simd::utf8_length_bound(ref), '#');
    out.resize(simd::transcode_to_utf8(ref, out.data()));
    CHECK_EQ(out, text);
}

TEST(isa_names) {
    for (Isa const isa : simd::available_isas()) CHECK(simd::parse_isa(simd::isa_name(isa)) == isa);
    CHECK(simd::isa_available(simd::parse_isa("baseline")));
    CHECK_THROWS(simd::parse_isa("mmx"));
    CHECK_THROWS(simd::parse_isa(""));
}

// Every first byte, with the bytes behind it on either side of every border that the rules draw.
TEST(utf8_borders) {
    std::vector<int> const borders = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                      0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xEF, 0xF0, 0xFF};
    for (int first = 0; first < 256; ++first) {
        for (int const second : borders) {
            for (int const third : borders) {
                for (int const fourth : {0x41, 0x80, 0xBF, 0xC3}) {
                    std::string sample(150, 'a');
                    std::size_t at = static_cast<std::size_t>(60 + (first + second) % 70);
                    for (int const byte : {first, second, third, fourth}) {
                        sample[at++] = static_cast<char>(byte);
                    }
                    std::size_t const expected = plain_valid_prefix(sample);
                    for (Isa const isa : simd::available_isas()) {
                        CHECK_EQ(simd::valid_utf8_prefix(sample, isa), expected);
                    }
                }
            }
        }
    }
}

TEST(utf8_random) {
    std::mt19937 random(3);
    for (std::size_t length = 0; length <= 200; ++length) {
        for (unsigned style = 0; style < 6; ++style) {
            std::string text;
            while (text.size() < length)
                text += encode_utf8(random_character<std::uint32_t>(random, style));
            check_validation(text);
            check_validation(text.substr(0, length));
            for (int round = 0; round < 4 && !text.empty(); ++round) {
                std::string damaged = text;
                std::size_t const at = random() % damaged.size();
                if (round % 2 == 0) {
                    damaged[at] = static_cast<char>(random());
                } else {
                    damaged.erase(at, 1);
                }
                check_validation(damaged);
            }
        }
    }
}

TEST(byte_search) {
    std::mt19937 random(4);
    for (int round = 0; round < 3000; ++round) {
        std::size_t const length = random() % 300;
        // Few different bytes, so that hits are neither everywhere nor nowhere.
        std::vector<char> text(length);
        unsigned const spread = 1 + random() % 256;
        for (char& c : text) c = static_cast<char>(random() % spread * 255 / spread);
        simd::ByteSet first, second;
        for (std::size_t k = 1 + random() % (round % 2 ? 3 : 20); k > 0; --k)
            first.set(random() % 256);
        for (std::size_t k = 1 + random() % (round % 3 ? 3 : 200); k > 0; --k)
            second.set(random() % 256);
        if (round % 50 == 0) first.set();
        auto const in = [&](simd::ByteSet const& set, std::size_t at) {
            return set[static_cast<unsigned char>(text[at])];
        };
        std::string_view const view(text.data(), text.size());
        std::size_t next = length, next_pair = length;
        std::vector<simd::ByteSearch> searches, pair_searches;
        for (Isa const isa : simd::available_isas()) {
            searches.emplace_back(first, isa);
            pair_searches.emplace_back(first, second, isa);
        }
        for (std::size_t from = length + 1; from-- > 0;) {
            if (from < length && in(first, from)) {
                next = from;
                if (from + 1 < length && in(second, from + 1)) next_pair = from;
            }
            for (auto const& search : searches) CHECK_EQ(search.find(view, from), next);
            for (auto const& search : pair_searches) CHECK_EQ(search.find(view, from), next_pair);
        }
    }
}
