// The algorithm of the Unicode Standard for NFC and NFKC (decompose, order, compose) on the short
// stretches of a text that may change, and the check that finds them. A Form has the functions
// kind_number, kind_of and decompose of nfc_data.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/utf8_decode.h"
#include "normalizers/nfc_data.h"

namespace tokmill::nfc {

// Checks a run of characters whose kinds are not stable, and what stands before it.
template <class Form>
class RunCheck {
 public:
    // `run` is where the run begins; the character before it, if any, is of a stable kind.
    RunCheck(unsigned char const* text, unsigned char const* run) noexcept
        : run_(run), starter_(run) {
        if (run == text) return;
        do --starter_;
        while (is_continuation(*starter_));
        starter_char_ = decode_char(starter_).code_point;
        if (Form::kind_of(starter_char_).decomposes()) {
            auto const parts = Form::decompose(starter_char_);
            hidden_class_ = Form::kind_of(parts.code_points[parts.size - 1]).combining_class();
        }
    }

    // The end of the run, if the form changes nothing in it; otherwise null.
    unsigned char const* check(unsigned char const* end) noexcept {
        unsigned char const* p = run_;
        while (p < end) {
            DecodedChar const c = decode_char(p);
            if (Form::kind_number(c.code_point) <= kLastStableKind) break;
            if (!accept(p, c.code_point, Form::kind_of(c.code_point))) return nullptr;
            p += c.size;
        }
        return p;
    }

    // Where normalization can start afresh if the run changes.
    unsigned char const* restart() const noexcept { return starter_; }

 private:
    // Takes the next character of the run; false if it, or the order of the run, may change.
    bool accept(unsigned char const* at, std::uint32_t code_point, Kind kind) noexcept {
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
        return kind.is_second() && starter_char_ != 0 && compose(starter_char_, code_point) != 0;
    }

    unsigned char const* run_;
    unsigned char const* starter_;
    std::uint32_t starter_char_ = 0;  // 0 before the first starter: U+0000 composes with nothing
    // Class of the last mark within the starter, when it is composed.
    std::uint8_t hidden_class_ = 0;
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

// Normalizes stretches of text that begin where normalization can start afresh.
template <class Form>
class Stretch {
 public:
    explicit Stretch(std::string_view text) : text_(text) {}

    // Normalizes from `begin` up to the next boundary behind it, which is returned.
    std::size_t normalize(std::size_t begin) {
        std::size_t const end = decompose(begin);
        order(parts_.size());
        compose_parts();
        return end;
    }

    // What the last stretch has become.
    std::vector<Part> const& parts() const noexcept { return parts_; }

 private:
    std::size_t decompose(std::size_t position) {
        parts_.clear();
        marks_ = 0;
        std::size_t const begin = position;
        while (position < text_.size()) {
            DecodedChar const c =
                decode_char(reinterpret_cast<unsigned char const*>(text_.data()) + position);
            Kind const kind = Form::kind_of(c.code_point);
            if (position > begin && kind.is_boundary()) break;
            if (kind.decomposes()) {
                auto const parts = Form::decompose(c.code_point);
                for (std::size_t i = 0; i < parts.size; ++i) {
                    append(parts.code_points[i], Form::kind_of(parts.code_points[i]), i == 0);
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
    void compose_parts() {
        std::size_t kept = 0;
        std::size_t starter = parts_.size();  // none yet
        std::uint8_t last_class = 0;          // of the last mark kept behind the starter
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            Part const part = parts_[i];
            bool const blocked = last_class != 0 && last_class >= part.combining_class;
            if (starter < kept && !blocked) {
                std::uint32_t const composite =
                    compose(parts_[starter].code_point, part.code_point);
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

    std::string_view text_;
    std::vector<Part> parts_;
    std::size_t marks_ = 0;  // where the marks behind the last starter begin in parts_
};

}  // namespace tokmill::nfc
