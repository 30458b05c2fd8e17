// Lowercase, and upper case for who asks for it.
#include "normalizers/ascii.h"
#include "normalizers/case_mapping.h"
#include "normalizers/normalizers.h"
#include "normalizers/rewrite.h"

namespace tokmill::stages {

namespace {

template <class Output>
void put_mapping(Output& output, CaseMapping const& mapping) {
    for (std::size_t i = 0; i < mapping.size; ++i) {
        output.put(mapping.code_points[i], i == 0 ? 0 : 1);
    }
}

template <class Output>
void write_lowercase(Output& output) {
    std::string_view const text = output.input();
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    for (std::size_t i = 0; i < text.size();) {
        std::size_t const ascii = ascii_prefix(text.substr(i));
        if (ascii > 0) {
            output.map_ascii(text.substr(i, ascii), [](char c) {
                return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
            });
            i += ascii;
        }
        // Then a run of other characters that stay.
        std::size_t const run = i;
        while (i < text.size() && begin[i] >= 0x80) {
            DecodedChar const c = decode_char(begin + i);
            if (changes_in_lower_case(c.code_point)) break;
            i += c.size;
        }
        if (run < i) output.keep(text.substr(run, i - run));
        while (i < text.size() && begin[i] >= 0x80) {
            DecodedChar const c = decode_char(begin + i);
            if (!changes_in_lower_case(c.code_point)) break;
            put_mapping(output, lower_case(c.code_point));
            i += c.size;
        }
    }
}

class Lowercase final : public Normalizer {
 public:
    void normalize(NormalizedString& text) const override { lowercase(text); }
    void normalize(std::string& text) const override { lowercase(text); }
    bool works_in_parts() const noexcept override { return true; }
};

}  // namespace

void lowercase(NormalizedString& text) {
    rewrite_text(text, [](auto& output) { write_lowercase(output); });
}

void lowercase(std::string& text) {
    rewrite_text(text, [](auto& output) { write_lowercase(output); });
}

void uppercase(NormalizedString& text) {
    rewrite_text(text, [](auto& output) {
        for_each_char(output.input(), [&](std::uint32_t c) { put_mapping(output, upper_case(c)); });
    });
}

NormalizerPtr make_lowercase() {
    return std::make_shared<Lowercase const>();
}

}  // namespace tokmill::stages
