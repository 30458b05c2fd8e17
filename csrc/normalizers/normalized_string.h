// A text on its way through the stages, with the way back: for every byte of the present text, the
// bytes of the original that it stands for. Offsets come out as tokenizers' NormalizedString
// gives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace tokmill::stages {

// In which text a range counts bytes.
enum class Referential : std::uint8_t { original, normalized };

// One character of the new text and how it came about: 1: it is inserted; 0: it stands in the place
// of one old character; -n: of one and the n ones behind it, which are gone.
struct CharChange {
    std::uint32_t code_point;
    int change;
};

// Sizes in bytes of the white space, as Rust sees it, at the ends of a text.
std::size_t leading_white_space(std::string_view text) noexcept;
std::size_t trailing_white_space(std::string_view text) noexcept;

class NormalizedString {
 public:
    NormalizedString() = default;
    // Valid UTF-8.
    explicit NormalizedString(std::string original);

    std::string const& normalized() const noexcept { return normalized_; }
    // What this is a normalized form of: a part of the text that it all began with.
    std::string_view original() const noexcept {
        if (original_.size() == 0) return {};
        return {source_->data() + original_.begin, original_.size()};
    }
    // The place of original() in that text. An empty one may lie behind the end of the text.
    Span original_span() const noexcept { return original_; }
    // One for each byte of normalized(), in bytes of original(). Both ends never decrease. An empty
    // span is {0, 0} and belongs to text inserted before anything of the original.
    std::vector<Span> const& alignments() const noexcept { return alignments_; }

    // The range of the other text that a range stands for; nothing if it lies outside. An empty
    // range stands for itself, wherever it lies.
    std::optional<Span> to_original(Span normalized) const;
    std::optional<Span> to_normalized(Span original) const;
    // The part that a range of either text stands for; nothing if the range lies outside or cuts a
    // character.
    std::optional<NormalizedString> slice(Referential in, Span range) const;

    // --- changes (each keeps the alignments) ---------------------------------------------------

    // Replaces the present text or a range of it. `removed_first`: how many old characters
    // disappear before the first new one. Without a range, the range is what the whole original
    // stands for: without text that was inserted before it. Throws Error(invalid_input) if more
    // characters are replaced than there are, or if the range lies outside or cuts a character.
    void transform(std::span<CharChange const> changes, std::size_t removed_first);
    void transform_range(Referential in, Span range, std::span<CharChange const> changes,
                         std::size_t removed_first);
    void prepend(std::string_view text);
    void append(std::string_view text);
    // White space, as Rust sees it.
    void strip() { strip_ends(true, true); }
    void strip_left() { strip_ends(true, false); }
    void strip_right() { strip_ends(false, true); }
    void clear();

    // Replaces a range of the present text by a text with its alignments, one for each byte.
    void splice(Span range, std::string text, std::vector<Span> alignments);

 private:
    void strip_ends(bool left, bool right);

    std::shared_ptr<std::string const> source_;  // null: empty
    Span original_;
    std::string normalized_;
    std::vector<Span> alignments_;
};

}  // namespace tokmill::stages
