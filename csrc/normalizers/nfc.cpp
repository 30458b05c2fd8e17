// NFC in two parts: a check that runs over stable text at many bytes per cycle, and composition.h
// for the short stretches between that may change.
#include "normalizers/nfc.h"

#include <bit>
#include <cstring>

#include "core/utf8_decode.h"
#include "core/utf8_encode.h"
#include "normalizers/composition.h"
#include "normalizers/nfc_data.h"
#include "simd/block64.h"

namespace tokmill {

namespace {

using nfc::Kind;
using Byte = unsigned char;
constexpr std::size_t kBlockSize = 64;

// The bytes of the first block of [p, p + size) that begin characters which have to be looked up.
// The others begin only characters of stable kinds: everything below U+0300, U+03C0..U+047F,
// U+4000..U+9FFF (most ideographs) and U+B000..U+EFFF (most Hangul syllables).
std::uint64_t lookup_mask(Byte const* p, std::size_t size) noexcept {
    Byte padded[kBlockSize] = {};
    if (size < kBlockSize) p = static_cast<Byte const*>(std::memcpy(padded, p, size));
    auto const block = simd::BaselineBlock::load(p);
    std::uint64_t const above = block.in_range(0xCC, 0x100 - 0xCC);
    if (above == 0) return 0;
    return above & ~(block.in_range(0xCF, 3) | block.in_range(0xE4, 6) | block.in_range(0xEB, 4));
}

Byte const* previous_char(Byte const* p) noexcept {
    do --p;
    while (is_continuation(*p));
    return p;
}

bool is_stable(Byte const* p) noexcept {
    return nfc::kind_number(decode_char(p).code_point) <= nfc::kLastStableKind;
}

struct CanonicalForm {
    static std::uint8_t kind_number(std::uint32_t c) noexcept { return nfc::kind_number(c); }
    static Kind kind_of(std::uint32_t c) noexcept { return nfc::kind_of(c); }
    static nfc::Decomposition decompose(std::uint32_t c) noexcept { return nfc::decompose(c); }
};

// Writes the parts of a stretch of `text`. The alignment is that of tokenizers' NormalizedString:
// the characters of the output are matched to those of the original one after the other, without
// regard to reordering, each by its count of originals, and take the range of the first of them.
// One that accounts for none shares that of its predecessor.
class PartWriter {
 public:
    PartWriter(std::string_view text, std::string& out, std::vector<Span>* alignment)
        : text_(text), out_(out), alignment_(alignment) {}

    void write(std::vector<nfc::Part> const& parts, std::size_t position) {
        for (nfc::Part const& part : parts) {
            std::size_t const before = out_.size();
            append_utf8(part.code_point, out_);
            if (alignment_ == nullptr) continue;
            alignment_->insert(alignment_->end(), out_.size() - before,
                               original_of(part, position));
            for (std::uint32_t i = 0; i < part.originals; ++i) {
                position += decode_char(at(position)).size;
            }
        }
    }

 private:
    Byte const* at(std::size_t position) const noexcept {
        return reinterpret_cast<Byte const*>(text_.data()) + position;
    }

    // The range of the character at `position`, or of the one before it if the part accounts for
    // no original.
    Span original_of(nfc::Part const& part, std::size_t position) const noexcept {
        if (part.originals != 0) return {position, position + decode_char(at(position)).size};
        if (position == 0) return {0, 0};
        Byte const* before = previous_char(at(position));
        return {static_cast<std::size_t>(before - at(0)), position};
    }

    std::string_view text_;
    std::string& out_;
    std::vector<Span>* alignment_;
};

// Appends the span of its character for every byte of text[begin, end).
void append_identity(std::string_view text, std::size_t begin, std::size_t end,
                     std::vector<Span>& alignment) {
    while (begin < end) {
        std::size_t const size =
            decode_char(reinterpret_cast<Byte const*>(text.data()) + begin).size;
        alignment.insert(alignment.end(), size, Span{begin, begin + size});
        begin += size;
    }
}

}  // namespace

std::size_t nfc_stable_prefix(std::string_view text) noexcept {
    auto const* const begin = reinterpret_cast<Byte const*>(text.data());
    Byte const* const end = begin + text.size();
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t next = at + kBlockSize;
        for (std::uint64_t mask = lookup_mask(begin + at, text.size() - at); mask != 0;) {
            Byte const* p = begin + at + std::countr_zero(mask);
            mask &= mask - 1;
            if (is_stable(p)) continue;
            nfc::RunCheck<CanonicalForm> run(begin, p);
            p = run.check(end);
            if (p == nullptr) return static_cast<std::size_t>(run.restart() - begin);
            auto const behind_run = static_cast<std::size_t>(p - begin);
            if (behind_run >= next) {
                next = behind_run;
                break;
            }
            mask &= ~std::uint64_t{0} << (behind_run - at);
        }
        at = next;
    }
    return text.size();
}

void normalize_nfc(std::string_view text, std::string& out, std::vector<Span>* alignment) {
    nfc::Stretch<CanonicalForm> stretch(text);
    PartWriter writer(text, out, alignment);
    std::size_t position = 0;
    while (position < text.size()) {
        std::string_view const rest = text.substr(position);
        std::size_t const stable = nfc_stable_prefix(rest);
        out.append(rest.substr(0, stable));
        if (alignment != nullptr) append_identity(text, position, position + stable, *alignment);
        position += stable;
        if (position == text.size()) break;
        std::size_t const next = stretch.normalize(position);
        writer.write(stretch.parts(), position);
        position = next;
    }
}

}  // namespace tokmill
