#include "sentencepiece/normalizer.h"

#include <utility>

#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

// Two forms of output: the text alone, and with the place that each of its bytes comes from.
class TextOutput {
 public:
    static constexpr bool kTracksOrigins = false;
    explicit TextOutput(std::string& result) : text(result) {}
    void append(std::string_view bytes, std::size_t) { text.append(bytes); }
    void truncate(std::size_t size, std::size_t&) { text.resize(size); }

    std::string& text;
};

class TrackedOutput {
 public:
    static constexpr bool kTracksOrigins = true;
    TrackedOutput(std::string& result, std::vector<std::size_t>& places)
        : text(result), origins(places) {}
    void append(std::string_view bytes, std::size_t origin) {
        text.append(bytes);
        origins.insert(origins.end(), bytes.size(), origin);
    }
    void truncate(std::size_t size, std::size_t& consumed) {
        consumed = origins[size];
        text.resize(size);
        origins.resize(size);
    }

    std::string& text;
    std::vector<std::size_t>& origins;
};

std::string encode_bmp(std::uint32_t code_point) {
    auto const byte = [](std::uint32_t value) { return static_cast<char>(value & 0xFF); };
    if (code_point < 0x800) {
        return {byte(0xC0 | code_point >> 6), byte(0x80 | (code_point & 0x3F))};
    }
    return {byte(0xE0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3F)),
            byte(0x80 | (code_point & 0x3F))};
}

}  // namespace

Normalizer::Normalizer(NormalizerSpec const& spec, bool whitespace_as_suffix, UserSymbols symbols)
    : add_dummy_prefix_(spec.add_dummy_prefix),
      collapse_spaces_(spec.remove_extra_whitespaces),
      whitespace_as_suffix_(whitespace_as_suffix),
      space_(spec.escape_whitespaces ? kSpaceSymbol : std::string_view(" ")),
      symbols_(std::move(symbols)) {
    if (!spec.charsmap.empty()) charsmap_ = Charsmap(spec.charsmap);
    find_plain_chars();
    may_write_ff_ = charsmap_.replacements().find('\xFF') != std::string::npos;
}

void Normalizer::find_plain_chars() {
    for (unsigned c = 0; c < 128; ++c) {
        auto const byte = static_cast<char>(c);
        if (symbols_.may_begin_with(byte)) continue;
        bool plain = true;
        for (unsigned next = 0; next < 128 && plain; ++next) {
            char const pair[2] = {byte, static_cast<char>(next)};
            plain = charsmap_.leaves_alone({pair, 2});
        }
        if (plain) ascii_[c] = byte == ' ' ? Ascii::space : Ascii::plain;
    }
    plain_.resize(0x10000);
    for (std::uint32_t c = 0x80; c < 0x10000; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        std::string const bytes = encode_bmp(c);
        plain_[c] = !symbols_.may_begin_with(bytes[0]) && charsmap_.leaves_alone(bytes);
    }
}

Normalizer::Replaced Normalizer::first_char(std::string_view text) const noexcept {
    if (std::size_t const size = symbols_.match(text)) return {text.substr(0, size), size};
    if (!charsmap_.empty()) {
        Charsmap::Match const match = charsmap_.longest(text);
        if (match.size != 0) return {match.replacement, match.size};
    }
    std::size_t const size = valid_char_size(text);
    if (size == 0) return {kReplacementCharacter, 1};
    return {text.substr(0, size), size};
}

bool Normalizer::is_plain(unsigned char lead, unsigned char second,
                          unsigned char third) const noexcept {
    if ((second & 0xC0) != 0x80) return false;
    if (lead >= 0xC2 && lead < 0xE0) return plain_[(lead & 0x1Fu) << 6 | (second & 0x3Fu)];
    if (lead < 0xE0 || lead >= 0xF0 || (third & 0xC0) != 0x80) return false;
    std::uint32_t const code_point = (lead & 0x0Fu) << 12 | (second & 0x3Fu) << 6 | (third & 0x3Fu);
    // Overlong forms and surrogates are not in the table.
    return code_point >= 0x800 && plain_[code_point];
}

// Copies the characters that need no look at the tables; returns how many bytes that were.
std::size_t Normalizer::copy_plain(std::string_view text, std::string& out,
                                   bool& after_space) const {
    std::size_t at = 0;
    // The last bytes, whose successors are not all there, are left to the tables.
    while (at + 3 <= text.size()) {
        auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
        if (byte(0) < 0x80) {
            if (byte(1) >= 0x80) break;
            Ascii const kind = ascii_[byte(0)];
            if (kind == Ascii::special) break;
            if (kind == Ascii::plain) {
                out += text[at];
                after_space = false;
            } else if (!after_space) {
                out += space_;
                after_space = collapse_spaces_;
            }
            ++at;
        } else {
            if (!is_plain(byte(0), byte(1), byte(2))) break;
            std::size_t const size = byte(0) < 0xE0 ? 2 : 3;
            out.append(text.data() + at, size);
            after_space = false;
            at += size;
        }
    }
    return at;
}

template <class Output>
void Normalizer::run(std::string_view text, Output& output) const {
    std::size_t consumed = 0;
    if (collapse_spaces_) {
        while (consumed < text.size()) {
            Replaced const first = first_char(text.substr(consumed));
            if (first.text != " ") break;
            consumed += first.consumed;
        }
    }
    if (consumed == text.size()) return;
    if (add_dummy_prefix_ && !whitespace_as_suffix_) output.append(space_, consumed);

    bool after_space = collapse_spaces_;
    while (consumed < text.size()) {
        if constexpr (!Output::kTracksOrigins) {
            consumed += copy_plain(text.substr(consumed), output.text, after_space);
            if (consumed == text.size()) break;
        }
        Replaced next = first_char(text.substr(consumed));
        while (after_space && !next.text.empty() && next.text[0] == ' ') next.text.remove_prefix(1);
        for (std::size_t i = 0; i < next.text.size(); ++i) {
            output.append(next.text[i] == ' ' ? space_ : next.text.substr(i, 1), consumed);
        }
        if (!next.text.empty()) after_space = collapse_spaces_ && next.text.back() == ' ';
        consumed += next.consumed;
    }

    if (collapse_spaces_) {
        while (output.text.ends_with(space_)) {
            output.truncate(output.text.size() - space_.size(), consumed);
        }
    }
    if (add_dummy_prefix_ && whitespace_as_suffix_) output.append(space_, consumed);
    if constexpr (Output::kTracksOrigins) output.origins.push_back(consumed);
}

void Normalizer::normalize(std::string_view text, std::string& out) const {
    out.clear();
    out.reserve(text.size() + text.size() / 2);
    TextOutput output(out);
    run(text, output);
}

void Normalizer::normalize(std::string_view text, std::string& out,
                           std::vector<std::size_t>& origins) const {
    out.clear();
    origins.clear();
    TrackedOutput output(out, origins);
    run(text, output);
}

}  // namespace tokmill::sentencepiece
