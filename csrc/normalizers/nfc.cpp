// NFC in two parts: a check that runs over stable text at many bytes per cycle, and the algorithm
// of the Unicode Standard (decompose, order, compose) for the short stretches between that may
// change.
#include "normalizers/nfc.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/utf8_decode.h"
#include "normalizers/nfc_data.h"
#include "simd/block64.h"

namespace tokmill {

namespace {

using nfc::Kind;
using Byte = unsigned char;

#if defined(__SSE2__)
using Block = simd::Sse2Block;
#elif defined(__aarch64__)
using Block = simd::NeonBlock;
#else
using Block = simd::ScalarBlock;
#endif
constexpr std::size_t kBlockSize = 64;

// The bytes of the first block of [p, p + size) that begin characters which have to be looked up.
// The others begin only characters of stable kinds: everything below U+0300, U+03C0..U+047F,
// U+4000..U+9FFF (most ideographs) and U+B000..U+EFFF (most Hangul syllables).
std::uint64_t lookup_mask(Byte const* p, std::size_t size) noexcept {
    Byte padded[kBlockSize] = {};
    if (size < kBlockSize) p = static_cast<Byte const*>(std::memcpy(padded, p, size));
    Block const block = Block::load(p);
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

// Checks a run of characters whose kinds are not stable, and what stands before it.
class RunCheck {
 public:
    // `run` is where the run begins; the character before it, if any, is of a stable kind.
    RunCheck(Byte const* text, Byte const* run) noexcept : run_(run), starter_(run) {
        if (run == text) return;
        starter_ = previous_char(run);
        starter_char_ = decode_char(starter_).code_point;
        if (nfc::kind_of(starter_char_).decomposes()) {
            nfc::Decomposition const parts = nfc::decompose(starter_char_);
            hidden_class_ = nfc::kind_of(parts.code_points[parts.size - 1]).combining_class();
        }
    }

    // The end of the run, if NFC changes nothing in it; otherwise null.
    Byte const* check(Byte const* end) noexcept {
        Byte const* p = run_;
        while (p < end) {
            DecodedChar const c = decode_char(p);
            std::uint8_t const number = nfc::kind_number(c.code_point);
            if (number <= nfc::kLastStableKind) break;
            if (!accept(p, c.code_point, nfc::kinds[number])) return nullptr;
            p += c.size;
        }
        return p;
    }

    // Where normalization can start afresh if the run changes.
    Byte const* restart() const noexcept { return starter_; }

 private:
    // Takes the next character of the run; false if NFC may change it or the order of the run.
    bool accept(Byte const* at, std::uint32_t code_point, Kind kind) noexcept {
        if (kind.changes()) {
            if (kind.is_boundary()) starter_ = at;
            return false;
        }
        std::uint8_t const combining_class = kind.combining_class();
        if (combining_class == 0) {
            if (last_class_ == 0 && composes(code_point, kind)) return false;
            starter_ = at;
            starter_char_ = code_point;
            hidden_class_ = last_class_ = 0;
            return true;
        }
        if (combining_class < std::max(hidden_class_, last_class_)) return false;
        if (combining_class != last_class_ && composes(code_point, kind)) return false;
        last_class_ = combining_class;
        return true;
    }

    bool composes(std::uint32_t code_point, Kind kind) const noexcept {
        return kind.is_second() && starter_char_ != 0 &&
               nfc::compose(starter_char_, code_point) != 0;
    }

    Byte const* run_;
    Byte const* starter_;
    std::uint32_t starter_char_ = 0;  // 0 before the first starter: U+0000 composes with nothing
    std::uint8_t hidden_class_ =
        0;                         // class of the last mark within the starter, when it is composed
    std::uint8_t last_class_ = 0;  // class of the last mark behind the starter
};

// One character of a stretch that is being normalized.
struct Part {
    std::uint32_t code_point;
    std::uint8_t combining_class;
    // How many characters of the original this one accounts for: 1 for the first character of a
    // decomposition, 0 for the others, and the sum of its parts for a composite.
    std::uint32_t originals;
};

// Normalizes stretches of text that begin where normalization can start afresh. The alignment is
// that of tokenizers' NormalizedString: the characters of the output are matched to those of the
// original one after the other, without regard to reordering, each by its count of originals, and
// take the range of the first of them. One that accounts for none shares that of its predecessor.
class Stretch {
 public:
    Stretch(std::string_view text, std::string& out, std::vector<Span>* alignment)
        : text_(text), out_(out), alignment_(alignment) {}

    // Normalizes from `begin` up to the next boundary behind it, which is returned.
    std::size_t normalize(std::size_t begin) {
        std::size_t const end = decompose(begin);
        order(parts_.size());
        compose();
        write(begin);
        return end;
    }

 private:
    Byte const* at(std::size_t position) const noexcept {
        return reinterpret_cast<Byte const*>(text_.data()) + position;
    }

    std::size_t decompose(std::size_t position) {
        parts_.clear();
        marks_ = 0;
        std::size_t const begin = position;
        while (position < text_.size()) {
            DecodedChar const c = decode_char(at(position));
            Kind const kind = nfc::kind_of(c.code_point);
            if (position > begin && kind.is_boundary()) break;
            if (kind.decomposes()) {
                nfc::Decomposition const parts = nfc::decompose(c.code_point);
                for (std::size_t i = 0; i < parts.size; ++i) {
                    append(parts.code_points[i], nfc::kind_of(parts.code_points[i]), i == 0);
                }
            } else {
                append(c.code_point, kind, 1);
            }
            position += c.size;
        }
        return position;
    }

    void append(std::uint32_t code_point, Kind kind, std::uint32_t originals) {
        std::uint8_t const combining_class = kind.combining_class();
        parts_.push_back({code_point, combining_class, originals});
        if (combining_class == 0) {
            order(parts_.size() - 1);
            marks_ = parts_.size();
        }
    }

    // Sorts the marks behind the last starter by class; equal classes keep their order.
    void order(std::size_t end) {
        auto const by_class = [](Part const& a, Part const& b) {
            return a.combining_class < b.combining_class;
        };
        auto const first = parts_.begin() + static_cast<std::ptrdiff_t>(marks_);
        auto const last = parts_.begin() + static_cast<std::ptrdiff_t>(end);
        if (!std::is_sorted(first, last, by_class)) std::stable_sort(first, last, by_class);
    }

    // Composes in place: each starter with the marks, or the starter, behind it that are not
    // blocked.
    void compose() {
        std::size_t kept = 0;
        std::size_t starter = parts_.size();  // none yet
        std::uint8_t last_class = 0;          // of the last mark kept behind the starter
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            Part const part = parts_[i];
            bool const blocked = last_class != 0 && last_class >= part.combining_class;
            if (starter < kept && !blocked) {
                std::uint32_t const composite =
                    nfc::compose(parts_[starter].code_point, part.code_point);
                if (composite != 0) {
                    parts_[starter].code_point = composite;
                    parts_[starter].originals += part.originals;
                    continue;
                }
            }
            last_class = part.combining_class;
            if (part.combining_class == 0) starter = kept;
            parts_[kept++] = part;
        }
        parts_.resize(kept);
    }

    void write(std::size_t position) {
        for (Part const& part : parts_) {
            std::size_t const before = out_.size();
            append_utf8(part.code_point);
            if (alignment_ == nullptr) continue;
            alignment_->insert(alignment_->end(), out_.size() - before,
                               original_of(part, position));
            for (std::uint32_t i = 0; i < part.originals; ++i) {
                position += decode_char(at(position)).size;
            }
        }
    }

    // The range of the character at `position`, or of the one before it if the part accounts for
    // no original.
    Span original_of(Part const& part, std::size_t position) const noexcept {
        if (part.originals != 0) return {position, position + decode_char(at(position)).size};
        if (position == 0) return {0, 0};
        Byte const* before = previous_char(at(position));
        return {static_cast<std::size_t>(before - at(0)), position};
    }

    void append_utf8(std::uint32_t c) {
        auto const put = [this](std::uint32_t byte) { out_.push_back(static_cast<char>(byte)); };
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

    std::string_view text_;
    std::string& out_;
    std::vector<Span>* alignment_;
    std::vector<Part> parts_;
    std::size_t marks_ = 0;  // where the marks behind the last starter begin in parts_
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
            RunCheck run(begin, p);
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
    Stretch stretch(text, out, alignment);
    std::size_t position = 0;
    while (position < text.size()) {
        std::string_view const rest = text.substr(position);
        std::size_t const stable = nfc_stable_prefix(rest);
        out.append(rest.substr(0, stable));
        if (alignment != nullptr) append_identity(text, position, position + stable, *alignment);
        position += stable;
        if (position < text.size()) position = stretch.normalize(position);
    }
}

}  // namespace tokmill
