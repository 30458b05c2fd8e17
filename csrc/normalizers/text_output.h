// Where a normalizer writes the new text, character by character or run by run, in one pass over
// the old one: with the alignments, or the text alone. A normalizer is written once, as a template
// over the two. Nothing is copied as long as nothing changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/span.h"
#include "core/utf8_encode.h"
#include "normalizers/normalized_string.h"

namespace tokmill::stages {

// The text alone.
class PlainOutput {
 public:
    explicit PlainOutput(std::string& text) : target_(text) {}

    std::string_view input() const noexcept { return target_; }

    // The characters of `run`, a part of the input, stay as they are.
    void keep(std::string_view run) {
        if (!changed_ && run.data() == target_.data() + unchanged_) {
            unchanged_ += run.size();
        } else {
            start();
            out_.append(run);
        }
    }
    // A new character; `change` as in CharChange.
    void put(std::uint32_t code_point, int /*change*/) {
        start();
        append_utf8(code_point, out_);
    }
    // New characters.
    void append(std::string_view content) {
        start();
        out_.append(content);
    }
    // The next old characters disappear.
    void remove(std::size_t /*count*/) {}
    // Every byte of an ASCII run becomes another ASCII byte.
    template <class Map>
    void map_ascii(std::string_view run, Map const& map) {
        start();
        std::size_t const before = out_.size();
        out_.resize(before + run.size());
        std::transform(run.begin(), run.end(), out_.begin() + static_cast<std::ptrdiff_t>(before),
                       map);
    }

    void finish() {
        if (changed_) {
            target_.swap(out_);
        } else {
            target_.resize(unchanged_);
        }
    }

 private:
    void start() {
        if (changed_) return;
        changed_ = true;
        out_.reserve(target_.size() + target_.size() / 16);
        out_.append(target_, 0, unchanged_);
    }

    std::string& target_;
    bool changed_ = false;
    std::size_t unchanged_ = 0;  // the text begins with so many bytes of the input
    std::string out_;
};

// The text with its alignments, which follow the reference's rule: the output only says how many
// old characters each new one replaces, and these are counted off from the beginning of the old
// text, whichever characters the normalizer meant.
class AlignedOutput {
 public:
    // Replaces what the whole original of `target` stands for. If that is nothing, the target stays
    // as it is.
    explicit AlignedOutput(NormalizedString& target);
    // Replaces a range of the present text, which must not cut a character.
    AlignedOutput(NormalizedString& target, Span range);

    std::string_view input() const noexcept { return target_.normalized(); }

    void keep(std::string_view run);
    void put(std::uint32_t code_point, int change);
    void remove(std::size_t count);
    template <class Map>
    void map_ascii(std::string_view run, Map const& map) {
        if (!follows(run)) {
            for (char const c : run) put(static_cast<unsigned char>(map(c)), 0);
            return;
        }
        start();
        std::size_t const before = out_.size();
        keep(run);
        std::transform(out_.begin() + static_cast<std::ptrdiff_t>(before), out_.end(),
                       out_.begin() + static_cast<std::ptrdiff_t>(before), map);
    }

    void finish();

 private:
    // Whether a run of the input stands where the next old character is.
    bool follows(std::string_view run) const noexcept {
        return run.data() == input().data() + position_ && run.size() <= range_.end - position_;
    }
    void start();
    void advance(std::size_t characters) noexcept;

    NormalizedString& target_;
    bool ignored_ = false;
    bool changed_ = false;
    Span range_;
    std::size_t position_;  // of the next old character that is replaced
    std::string out_;
    std::vector<Span> alignments_;
};

}  // namespace tokmill::stages
