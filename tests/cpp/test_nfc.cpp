// NFC: known compositions, the alignment that tokenizers gives them, and the check for stable text
// against the full algorithm.
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "normalizers/nfc.h"
#include "normalizers/nfc_data.h"

namespace {

using namespace tokmill;

std::string utf8(std::vector<std::uint32_t> const& code_points) {
    std::string text;
    for (std::uint32_t c : code_points) {
        if (c < 0x80) {
            text += static_cast<char>(c);
            continue;
        }
        int const continuations = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        std::uint32_t const lead = continuations == 1 ? 0xC0 : continuations == 2 ? 0xE0 : 0xF0;
        text += static_cast<char>(lead | c >> (6 * continuations));
        for (int i = continuations - 1; i >= 0; --i) {
            text += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
        }
    }
    return text;
}

std::string nfc_of(std::string_view text) {
    std::string out;
    normalize_nfc(text, out, nullptr);
    return out;
}

std::string nfc_of(std::vector<std::uint32_t> const& code_points) {
    return nfc_of(utf8(code_points));
}

std::vector<Span> alignment_of(std::vector<std::uint32_t> const& code_points) {
    std::string out;
    std::vector<Span> alignment;
    normalize_nfc(utf8(code_points), out, &alignment);
    CHECK_EQ(alignment.size(), out.size());
    return alignment;
}

bool is_scalar(std::uint32_t c) {
    return c < 0xD800 || (c >= 0xE000 && c < 0x110000);
}

// What nfc_stable_prefix promises: the prefix stays, and the rest can be normalized alone.
void check_stable_prefix(std::string_view text) {
    std::size_t const stable = nfc_stable_prefix(text);
    CHECK(stable <= text.size());
    CHECK_EQ(nfc_of(text.substr(0, stable)), text.substr(0, stable));
    CHECK_EQ(std::string(text.substr(0, stable)) + nfc_of(text.substr(stable)), nfc_of(text));
    CHECK((stable < text.size()) || nfc_of(text) == text);
}

// Characters that meet every rule of the algorithm.
std::vector<std::uint32_t> const& interesting_characters() {
    static std::vector<std::uint32_t> const characters{
        'a',    'e',     ' ',     0xE9,   0x1EA1,  0x212B,  0x300,    0x301,  0x323,
        0x327,  0x334,   0x340,   0x344,  0x345,   0x93C,   0x928,    0x94D,  0x9C7,
        0x9BE,  0xDD9,   0xDCF,   0xDCA,  0xF71,   0xF72,   0xF73,    0xF81,  0x1100,
        0x1161, 0x11A7,  0x11A8,  0xAC00, 0xAC01,  0x304B,  0x3099,   0x4E00, 0xF900,
        0xFB1D, 0x1D15E, 0x1D165, 0x2ADC, 0x11099, 0x110BA, 0x10FFFF, 0};
    return characters;
}

}  // namespace

TEST(composes_and_decomposes) {
    CHECK_EQ(nfc_of({'e', 0x301}), utf8({0xE9}));
    CHECK_EQ(nfc_of({0x212B}), utf8({0xC5}));
    CHECK_EQ(nfc_of({0x344}), utf8({0x308, 0x301}));
    CHECK_EQ(nfc_of({0x958}), utf8({0x915, 0x93C}));  // excluded from composition
    CHECK_EQ(nfc_of({0x1D15E}), utf8({0x1D157, 0x1D165}));
    CHECK_EQ(nfc_of({0x1EA1, 0x302}), utf8({0x1EAD}));
    CHECK_EQ(nfc_of(std::string_view()), std::string());
}

TEST(orders_marks) {
    CHECK_EQ(nfc_of({'e', 0x301, 0x323}), utf8({0x1EB9, 0x301}));
    CHECK_EQ(nfc_of({0xE9, 0x323}), utf8({0x1EB9, 0x301}));
    CHECK_EQ(nfc_of({0x301, 0x323}), utf8({0x323, 0x301}));      // without a starter
    CHECK_EQ(nfc_of({'a', 0x301, 0x301}), utf8({0xE1, 0x301}));  // the second is blocked
}

TEST(hangul) {
    CHECK_EQ(nfc_of({0x1100, 0x1161, 0x11A8}), utf8({0xAC01}));
    CHECK_EQ(nfc_of({0xAC00, 0x11A8}), utf8({0xAC01}));
    CHECK_EQ(nfc_of({0xAC01, 0x11A8}), utf8({0xAC01, 0x11A8}));
    CHECK_EQ(nfc_of({0xAC00, 0x11A7}), utf8({0xAC00, 0x11A7}));
    CHECK_EQ(nfc_of({0x1112, 0x1175, 0x11C2}), utf8({0xD7A3}));
    CHECK_EQ(nfc_of({0x1100, 0x334, 0x1161}), utf8({0x1100, 0x334, 0x1161}));
}

TEST(data_is_that_of_the_reference) {
    // Composes since Unicode 13; the reference does not know it.
    CHECK_EQ(nfc_of({0x11935, 0x11930}), utf8({0x11935, 0x11930}));
    // A mark of class 230 since Unicode 14, a starter for the reference: nothing is reordered.
    CHECK_EQ(nfc_of({'a', 0x898, 0x323}), utf8({'a', 0x898, 0x323}));
}

TEST(alignment_of_compositions) {
    // The marks that went into a composite belong to no byte of the output.
    CHECK_EQ(alignment_of({'e', 0x301, 'x'}), std::vector<Span>{{0, 1}, {0, 1}, {3, 4}});
    CHECK_EQ(alignment_of({'e', 0x301, 0x323}),
             std::vector<Span>{{0, 1}, {0, 1}, {0, 1}, {3, 5}, {3, 5}});
    CHECK_EQ(alignment_of({0xAC00, 0x11A8}), std::vector<Span>{{0, 3}, {0, 3}, {0, 3}});
}

TEST(alignment_of_decompositions) {
    // All parts of a decomposition have the range of the character.
    CHECK_EQ(alignment_of({0x344, 'a'}), std::vector<Span>{{0, 2}, {0, 2}, {0, 2}, {0, 2}, {2, 3}});
    // Reordering does not move the ranges: they follow the order of the original.
    CHECK_EQ(alignment_of({'a', 0xF73, 0xF71}),
             std::vector<Span>{
                 {0, 1}, {1, 4}, {1, 4}, {1, 4}, {4, 7}, {4, 7}, {4, 7}, {4, 7}, {4, 7}, {4, 7}});
}

TEST(alignment_of_stable_text) {
    CHECK_EQ(alignment_of({'a', 0xE9, 0x4E00}),
             std::vector<Span>{{0, 1}, {1, 3}, {1, 3}, {3, 6}, {3, 6}, {3, 6}});
}

TEST(every_character_alone_is_idempotent_and_stable_if_unchanged) {
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        if (!is_scalar(c)) continue;
        std::string const text = utf8({c});
        std::string const once = nfc_of(text);
        if (once != text) {
            CHECK_EQ(nfc_of(once), once);
        } else {
            CHECK_EQ(nfc_stable_prefix(text), text.size());
        }
        CHECK((once != text) == nfc::kind_of(c).changes());
    }
}

TEST(bytes_that_are_not_looked_up_begin_only_stable_characters) {
    auto const skipped = [](std::uint32_t c) {
        return c < 0x300 || (c >= 0x3C0 && c < 0x480) || (c >= 0x4000 && c < 0xA000) ||
               (c >= 0xB000 && c < 0xF000);
    };
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
        if (skipped(c)) CHECK(nfc::kind_number(c) <= nfc::kLastStableKind);
    }
}

TEST(stable_prefix_of_known_texts) {
    CHECK_EQ(nfc_stable_prefix(""), 0);
    CHECK_EQ(nfc_stable_prefix("plain"), 5);
    CHECK_EQ(nfc_stable_prefix(utf8({'a', 'e', 0x301})), 1);
    CHECK_EQ(nfc_stable_prefix(utf8({'a', 'e', 0x212B})), 2);
    // Marks that compose with nothing here, in their order.
    std::string const thai = utf8({0xE01, 0xE38, 0xE49});
    CHECK_EQ(nfc_stable_prefix(thai), thai.size());
    std::string const hindi = utf8({0x921, 0x93C, 0x94D});
    CHECK_EQ(nfc_stable_prefix(hindi), hindi.size());
}

TEST(stable_prefix_at_every_position_of_a_block) {
    for (std::vector<std::uint32_t> const& change : {std::vector<std::uint32_t>{'e', 0x301},
                                                     {0x212B},
                                                     {0x1100, 0x1161},
                                                     {0xE9, 0x323},
                                                     {0x344}}) {
        for (std::size_t before = 0; before < 140; ++before) {
            for (std::size_t behind : {std::size_t{0}, std::size_t{1}, std::size_t{63}}) {
                std::string const text =
                    std::string(before, 'x') + utf8(change) + std::string(behind, 'y');
                check_stable_prefix(text);
                CHECK(nfc_stable_prefix(text) <= before);
                CHECK(nfc_stable_prefix(text) + 1 >= before);
            }
        }
    }
}

TEST(stable_prefix_of_random_texts) {
    std::mt19937 random(20240607);
    std::vector<std::uint32_t> const& characters = interesting_characters();
    for (int round = 0; round < 20000; ++round) {
        std::vector<std::uint32_t> code_points(random() % 24);
        for (std::uint32_t& c : code_points) c = characters[random() % characters.size()];
        std::string const text = utf8(code_points);
        check_stable_prefix(text);
        CHECK_EQ(nfc_of(nfc_of(text)), nfc_of(text));
    }
}

TEST(long_runs_of_marks_take_linear_time) {
    std::vector<std::uint32_t> const marks{0x345, 0x301, 0x327, 0x334, 0x323, 0x344};
    std::vector<std::uint32_t> code_points{'a'};
    for (std::size_t i = 0; i < 1'000'000; ++i) code_points.push_back(marks[i % marks.size()]);
    std::string const text = utf8(code_points);
    auto const start = std::chrono::steady_clock::now();
    std::string const normalized = nfc_of(text);
    std::chrono::duration<double> const taken = std::chrono::steady_clock::now() - start;
    CHECK(taken.count() < 10);
    CHECK_EQ(nfc_of(normalized), normalized);
}
