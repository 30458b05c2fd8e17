// The scanner kernels of all instruction sets against WordStepper, which says character by
// character what a word pattern means.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "pretokenizers/text_runs.h"
#include "pretokenizers/word_stepper.h"
#include "simd/isa.h"
#include "simd/word_scanner.h"
#include "word_patterns.h"

using namespace tokmill;
using namespace tokmill::test;

namespace {

using Starts = std::vector<std::uint32_t>;
using Contraction = WordPattern::Contraction;
using Letters = WordPattern::Letters;
using Newlines = WordPattern::Newlines;
using Prefix = WordPattern::Prefix;

void append_utf8(std::uint32_t c, std::string& text) {
    auto const put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

unsigned char const* bytes_of(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

Starts step(WordStepper const& stepper, std::string_view text) {
    Starts starts;
    unsigned char const* const begin = bytes_of(text);
    unsigned char const* const end = begin + text.size();
    for (unsigned char const* p = begin; p < end; p = stepper.step(p, end)) {
        starts.push_back(static_cast<std::uint32_t>(p - begin));
    }
    return starts;
}

// The same in calls for as many words as `capacity` allows. Bytes behind the last place are not to
// be touched, those behind `readable` not to be read.
Starts scan(WordStepper const& stepper, simd::Isa isa, std::string_view text, std::size_t readable,
            std::size_t capacity) {
    simd::ScanWords const scan_words = simd::word_scanner(stepper.pattern(), isa);
    Starts starts, buffer(capacity);
    unsigned char const* const begin = bytes_of(text);
    unsigned char const* const end = begin + text.size();
    for (unsigned char const* cursor = begin; cursor < end;) {
        std::size_t const count =
            scan_words(stepper, begin, cursor, end, begin + readable, buffer.data(), capacity);
        CHECK(count > 0 && count <= capacity && cursor <= end);
        if (count == 0) break;
        starts.insert(starts.end(), buffer.begin(),
                      buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return starts;
}

std::string described(WordPattern const& pattern, simd::Isa isa) {
    return std::string(simd::isa_name(isa)) + " on " + canonical_pattern(pattern);
}

void check_scanners(WordStepper const& stepper, std::string_view text, std::size_t capacity) {
    // In its own memory, so that a read behind the end is noticed.
    std::vector<char> const exact(text.begin(), text.end());
    std::string_view const same(exact.data(), exact.size());
    Starts const wanted = step(stepper, same);
    auto const check = [&](simd::Isa isa, Starts const& found) {
        if (found == wanted) return;
        std::size_t i = 0;
        while (i < found.size() && i < wanted.size() && found[i] == wanted[i]) ++i;
        std::size_t const at = i == 0 ? 0 : wanted[i - 1];
        CHECK_EQ(described(stepper.pattern(), isa) + " near " + quote(text.substr(at, 100)), "");
    };
    for (simd::Isa const isa : simd::available_isas()) {
        check(isa, scan(stepper, isa, same, same.size(), capacity));
        // What stands behind the text has no say.
        for (std::string_view const behind : {"a", "B", "7", " ", "\n", "'", "\xCC\x81", "\x81"}) {
            std::string longer(text);
            while (longer.size() < text.size() + 64) longer += behind;
            std::string_view const all(longer);
            check(isa, scan(stepper, isa, all.substr(0, text.size()), all.size(), capacity));
        }
    }
}

std::vector<WordPattern> all_patterns() {
    std::vector<WordPattern> patterns;
    std::size_t const sizes[] = {4, 2, 3, 2, 5, 3, 2, 3};
    std::size_t count = 1;
    for (std::size_t const size : sizes) count *= size;
    for (std::size_t n = 0; n < count; ++n) {
        std::size_t rest = n, next = 0;
        auto const choice = [&] {
            std::size_t const value = rest % sizes[next];
            rest /= sizes[next++];
            return value;
        };
        WordPattern pattern;
        pattern.contraction = static_cast<Contraction>(choice());
        pattern.prefix = static_cast<Prefix>(choice());
        pattern.letters = static_cast<Letters>(choice());
        pattern.number_takes_space = choice() != 0;
        pattern.max_digits = static_cast<std::uint8_t>(choice());
        std::size_t const trailing = choice();
        pattern.punctuation_takes_newlines = trailing > 0;
        pattern.punctuation_takes_slashes = trailing > 1;
        pattern.punctuation_excludes_marks = choice() != 0;
        pattern.newlines = static_cast<Newlines>(choice());
        // What no pattern in the wild combines, and the scanners need not.
        if (pattern.prefix == Prefix::any_but_newline && pattern.number_takes_space) continue;
        if (pattern.punctuation_excludes_marks && pattern.letters == Letters::letters) continue;
        patterns.push_back(pattern);
    }
    return patterns;
}

// ASCII first, then one or more characters of every class and size: both s that fold to others,
// digits and letters of other scripts, marks, spaces, title case, modifiers, beyond the BMP.
constexpr std::size_t kAsciiCharacters = 31;
std::vector<std::uint32_t> const kCharacters = {
    'a',    'b',   'Z',    'Q',    's',    't',    'r',    'e',     'v',     'l',     'd',
    'm',    'S',   'L',    '1',    '2',    '9',    ' ',    ' ',     ' ',     '\n',    '\r',
    '\t',   '\'',  '\'',   '!',    '.',    '/',    '-',    0x00,    0x7F,    0x17F,   0x212A,
    0xE9,   0xC9,  0x4E2D, 0x3042, 0x300,  0x301,  0x661,  0x2160,  0xA0,    0x3000,  0x85,
    0x2028, 0x1C5, 0x2B0,  0x903,  0x200D, 0xAC00, 0xFFFD, 0x1F600, 0x10400, 0x10428, 0x1D7CE};

// Some characters over and over, so that there are long runs.
std::string random_text(std::mt19937_64& random) {
    auto const below = [&](std::size_t bound) {
        return static_cast<std::size_t>(random() % bound);
    };
    std::size_t const known = below(2) == 0 ? kAsciiCharacters : kCharacters.size();
    std::vector<std::uint32_t> chosen(1 + below(below(3) == 0 ? kCharacters.size() : 6));
    for (std::uint32_t& c : chosen) c = kCharacters[below(known)];
    std::string text;
    for (std::size_t n = 1 + below(below(4) == 0 ? 400 : 90); n-- > 0;) {
        append_utf8(chosen[below(chosen.size())], text);
    }
    return text;
}

}  // namespace

TEST(word_scanner_all_patterns_on_random_texts) {
    std::mt19937_64 random(31);
    for (WordPattern const& pattern : all_patterns()) {
        WordStepper const stepper(pattern);
        for (int n = 0; n < 10; ++n) check_scanners(stepper, random_text(random), 256);
    }
}

TEST(word_scanner_real_patterns_on_random_texts) {
    std::mt19937_64 random(32);
    for (WordPattern const& pattern : {gpt2(), llama3(), cl100k(), qwen(), o200k()}) {
        WordStepper const stepper(pattern);
        for (int n = 0; n < 4000; ++n) {
            check_scanners(stepper, random_text(random), 128 + random() % 3);
        }
    }
}

// What stands on either side of a cut is cut as if the other side were not there.
TEST(texts_are_cut_between_words_of_all_patterns) {
    std::mt19937_64 random(33);
    std::size_t cuts = 0;
    for (WordPattern const& pattern : all_patterns()) {
        WordStepper const stepper(pattern);
        for (int n = 0; n < 20; ++n) {
            std::string const text = random_text(random);
            Starts const whole = step(stepper, text);
            for (std::size_t at = 1; at < text.size(); ++at, ++cuts) {
                at = find_cut_of_words(text, at);
                if (at == text.size()) break;
                std::string_view const all(text);
                Starts both = step(stepper, all.substr(0, at));
                for (std::uint32_t const start : step(stepper, all.substr(at))) {
                    both.push_back(start + static_cast<std::uint32_t>(at));
                }
                CHECK(both == whole);
            }
        }
    }
    CHECK(cuts > 100000);
}

// Words, spaces, digits and so on whose runs end at every place of a window of 64 bytes.
TEST(word_scanner_runs_of_all_lengths) {
    for (WordPattern const& pattern : {gpt2(), cl100k(), qwen(), o200k()}) {
        WordStepper const stepper(pattern);
        for (std::string_view const unit :
             {"a", "A", "1", " ", "\n", "\r\n", "!", "'", "'s", "\xC3\xA9", "\xE4\xB8\xAD",
              "\xCC\x81", "\xE3\x80\x80", "\xF0\x9F\x98\x80", "\xC2\xA0", "Aa"}) {
            std::string run;
            for (std::size_t n = 0; n <= 140; ++n, run += unit) {
                for (std::string_view const rest :
                     {"b", "B's ", " 1", "\n", "  x", "!\n", "\xCC\x81"}) {
                    check_scanners(stepper, "x" + run + std::string(rest), 256);
                }
            }
        }
    }
}

TEST(word_scanner_every_character) {
    for (WordPattern const& pattern : {gpt2(), llama3(), cl100k(), qwen(), o200k()}) {
        WordStepper const stepper(pattern);
        std::string text;
        // Up to the last letters beyond the BMP.
        for (std::uint32_t c = 0; c < 0x33000; ++c) {
            if (c >= 0xD800 && c < 0xE000) continue;
            append_utf8(c, text);
            text += c % 7 == 0 ? "a1B" : c % 5 == 0 ? " 9" : c % 3 == 0 ? "'s" : "9";
        }
        check_scanners(stepper, text, 256);
    }
}
