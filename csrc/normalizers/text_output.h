// Where a normalizer writes the new text, character by character or run by run, in one pass over
// the old one: with the alignments, or the text alone. A normalizer is written once, as a template
// over the two.
#pragma once

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
    explicit PlainOutput(std::string& text) : target_(text) { out_.reserve(text.size()); }

    std::string_view input() const noexcept { return target_; }

    // The characters of `run`, a part of the input, stay as they are.
    void keep(std::string_view run) { out_.append(run); }
    // A new character; `change` as in CharChange.
    void put(std::uint32_t code_point, int /*change*/) { append_utf8(code_point, out_); }
    // The next old characters disappear.
    void remove(std::size_t /*count*/) {}

    void finish() { target_.swap(out_); }

 private:
    std::string& target_;
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
    void remove(std::size_t count) { advance(count); }

    void finish();

 private:
    void advance(std::size_t characters) noexcept;

    NormalizedString& target_;
    bool ignored_ = false;
    Span range_;
    std::size_t position_;  // of the next old character that is replaced
    std::string out_;
    std::vector<Span> alignments_;
};

}  // namespace tokmill::stages
