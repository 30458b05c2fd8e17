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

class NormalizedString {
 public:
    NormalizedString() : NormalizedString(std::string()) {}
    // Valid UTF-8.
    explicit NormalizedString(std::string original);

    std::string const& normalized() const noexcept { return normalized_; }
    // What this is a normalized form of: a part of the text that it all began with.
    std::string_view original() const noexcept {
        return std::string_view(*source_).substr(original_.begin, original_.size());
    }
    // The place of original() in that text.
    Span original_span() const noexcept { return original_; }
    // One for each byte of normalized(), in bytes of original().
    std::vector<Span> const& alignments() const noexcept { return alignments_; }

    // The range of the other text that a range stands for; nothing if it lies outside.
    std::optional<Span> to_original(Span normalized) const;
    std::optional<Span> to_normalized(Span original) const;
    // The part that a range of either text stands for; nothing if the range lies outside or cuts a
    // character.
    std::optional<NormalizedString> slice(Referential in, Span range) const;

    // --- changes (each keeps the alignments) ---------------------------------------------------

    // Replaces the whole present text, or a range of it. `removed_first`: how many old characters
    // disappear before the first new one.
    void transform(std::span<CharChange const> changes, std::size_t removed_first);
    void transform_range(Referential in, Span range, std::span<CharChange const> changes,
                         std::size_t removed_first);
    void prepend(std::string_view text);
    void append(std::string_view text);
    // White space, as Rust sees it.
    void strip_left();
    void strip_right();
    void clear();

 private:
    std::shared_ptr<std::string const> source_;
    Span original_;
    std::string normalized_;
    std::vector<Span> alignments_;
};

}  // namespace tokmill::stages
