// Lowercase, and upper case for who asks for it.
#include <algorithm>

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

char ascii_lower(char c) noexcept {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

// Whether a run of ASCII can be seen at a glance to stay as it is.
bool is_short_and_lower(std::string_view run) noexcept {
    constexpr std::size_t kShort = 16;
    return run.size() < kShort &&
           std::all_of(run.begin(), run.end(), [](char c) { return ascii_lower(c) == c; });
}

template <class Output>
void write_lowercase(Output& output) {
    std::string_view const text = output.input();
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t kept = 0;
    auto const keep_until = [&](std::size_t end, std::size_t next) {
        if (kept < end) output.keep(text.substr(kept, end - kept));
        kept = next;
    };
    for (std::size_t i = 0; i < text.size();) {
        if (begin[i] < 0x80) {
            std::string_view const run = text.substr(i, ascii_prefix(text.substr(i)));
            if (!is_short_and_lower(run)) {
                keep_until(i, i + run.size());
                output.map_ascii(run, ascii_lower);
            }
            i += run.size();
            continue;
        }
        DecodedChar const c = decode_char(begin + i);
        if (changes_in_lower_case(c.code_point)) {
            keep_until(i, i + c.size);
            put_mapping(output, lower_case(c.code_point));
        }
        i += c.size;
    }
    keep_until(text.size(), text.size());
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
