#include "sentencepiece/normalizer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "sentencepiece/utf8.h"

namespace tokmill::sentencepiece {
namespace {

std::string encode_bmp(std::uint32_t code_point) {
    auto const byte = [](std::uint32_t value) { return static_cast<char>(value & 0xFF); };
    if (code_point < 0x800) {
        return {byte(0xC0 | code_point >> 6), byte(0x80 | (code_point & 0x3F))};
    }
    return {byte(0xE0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3F)),
            byte(0x80 | (code_point & 0x3F))};
}

}  // namespace

// Two forms of output: the text alone, and with the place that each of its bytes comes from.
class Normalizer::TextOutput {
 public:
    static constexpr bool kTracksOrigins = false;
    // `result` is larger than the text in it until finish().
    explicit TextOutput(std::string& result) : result_(result) {}

    // At least `size` writable bytes, of which add() takes some.
    char* room_for(std::size_t size) {
        if (used_ + size > result_.size()) {
            result_.resize(std::max(used_ + size, result_.size() + result_.size() / 2));
        }
        return result_.data() + used_;
    }
    void add(std::size_t size) { used_ += size; }
    void append(std::string_view bytes, std::size_t) {
        std::memcpy(room_for(bytes.size()), bytes.data(), bytes.size());
        used_ += bytes.size();
    }
    std::string_view text() const { return {result_.data(), used_}; }
    void truncate(std::size_t size, std::size_t&) { used_ = size; }
    void finish() { result_.resize(used_); }

 private:
    std::string& result_;
    std::size_t used_ = 0;
};

class Normalizer::TrackedOutput {
 public:
    static constexpr bool kTracksOrigins = true;
    TrackedOutput(std::string& result, std::vector<std::size_t>& origins)
        : result_(result), origins_(origins) {}

    void append(std::string_view bytes, std::size_t origin) {
        result_.append(bytes);
        origins_.insert(origins_.end(), bytes.size(), origin);
    }
    std::string_view text() const { return result_; }
    void truncate(std::size_t size, std::size_t& consumed) {
        consumed = origins_[size];
        result_.resize(size);
        origins_.resize(size);
    }
    void finish(std::size_t consumed) { origins_.push_back(consumed); }

 private:
    std::string& result_;
    std::vector<std::size_t>& origins_;
};

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
    printable_plain_ = is_printable_plain();
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

bool Normalizer::is_printable_plain() const noexcept {
    return std::all_of(ascii_.begin() + '!', ascii_.begin() + '~' + 1,
                       [](Ascii kind) { return kind == Ascii::plain; });
}

namespace {

static_assert(std::endian::native == std::endian::little);

// How many of the eight bytes at `p`, from the first one on, are from '!' to '~'. Sums and
// differences only spoil the bytes behind one that is not.
std::size_t printable_bytes(char const* p, std::uint64_t& bytes) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    std::memcpy(&bytes, p, sizeof bytes);
    std::uint64_t const others = (bytes | (bytes + kOnes) | (bytes - kOnes * '!')) & kOnes << 7;
    return static_cast<std::size_t>(std::countr_zero(others)) / 8;
}

}  // namespace

// Copies the characters that need no look at the tables, from the beginning of the text; returns
// how many bytes that were.
std::size_t Normalizer::copy_plain(std::string_view text, TextOutput& output,
                                   bool& after_space) const {
    // So few at a time that room for the worst case can be had.
    constexpr std::size_t kMaxBytes = 4096, kLargestGrowth = 3;
    text = text.substr(0, kMaxBytes);
    char* const begin = output.room_for(kLargestGrowth * text.size() + sizeof(std::uint64_t));
    char* write = begin;
    char const* read = text.data();
    char const* const end = text.data() + text.size();
    // The last bytes, whose successors are not all there, are left to the tables.
    while (end - read >= 8) {
        std::uint64_t bytes;
        std::size_t const printable = printable_plain_ ? printable_bytes(read, bytes) : 0;
        if (printable > 0) {
            std::memcpy(write, &bytes, sizeof bytes);
            // The last one counts only if ASCII comes behind it.
            bool const ascii_behind = printable < 8 && (bytes >> 8 * printable & 0x80) == 0;
            std::size_t const copied = ascii_behind ? printable : printable - 1;
            read += copied;
            write += copied;
            after_space = after_space && copied == 0;
            if (copied != 0) continue;
        }
        auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(read[i]); };
        if (byte(0) < 0x80) {
            Ascii const kind = ascii_[byte(0)];
            if (kind == Ascii::special || byte(1) >= 0x80) break;
            if (kind == Ascii::plain) {
                *write++ = *read;
                after_space = false;
            } else if (!after_space) {
                std::memcpy(write, space_.data(), space_.size());
                write += space_.size();
                after_space = collapse_spaces_;
            }
            ++read;
        } else {
            if (!is_plain(byte(0), byte(1), byte(2))) break;
            std::memcpy(write, read, 3);
            std::size_t const size = byte(0) < 0xE0 ? 2 : 3;
            write += size;
            read += size;
            after_space = false;
        }
    }
    output.add(static_cast<std::size_t>(write - begin));
    return static_cast<std::size_t>(read - text.data());
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
            consumed += copy_plain(text.substr(consumed), output, after_space);
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
        while (output.text().ends_with(space_)) {
            output.truncate(output.text().size() - space_.size(), consumed);
        }
    }
    if (add_dummy_prefix_ && whitespace_as_suffix_) output.append(space_, consumed);
    if constexpr (Output::kTracksOrigins) output.finish(consumed);
}

void Normalizer::normalize(std::string_view text, std::string& out) const {
    out.resize(std::max<std::size_t>(out.size(), text.size() + text.size() / 4));
    TextOutput output(out);
    run(text, output);
    output.finish();
}

void Normalizer::normalize(std::string_view text, std::string& out,
                           std::vector<std::size_t>& origins) const {
    out.clear();
    origins.clear();
    TrackedOutput output(out, origins);
    run(text, output);
}

}  // namespace tokmill::sentencepiece
