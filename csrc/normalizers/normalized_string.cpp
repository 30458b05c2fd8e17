// Alignments between a text and its original, and the changes that keep them.
#include "normalizers/normalized_string.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8_decode.h"
#include "normalizers/text_output.h"
#include "unicode/properties.h"

namespace tokmill::stages {

namespace {

using Byte = unsigned char;

Byte const* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<Byte const*>(text.data());
}

bool is_char_boundary(std::string_view text, std::size_t position) noexcept {
    if (position >= text.size()) return position == text.size();
    return !is_continuation(bytes_of(text)[position]);
}

bool cuts_character(std::string_view text, Span range) noexcept {
    return !is_char_boundary(text, range.begin) || !is_char_boundary(text, range.end);
}

// The part of `text`, or nothing if the range is not a range of whole characters.
std::string_view part_or_empty(std::string_view text, Span range) noexcept {
    if (range.begin > range.end || cuts_character(text, range)) return {};
    return text.substr(range.begin, range.size());
}

}  // namespace

std::size_t leading_white_space(std::string_view text) noexcept {
    std::size_t size = 0;
    while (size < text.size()) {
        DecodedChar const c = decode_char(bytes_of(text) + size);
        if (!unicode::is_white_space(c.code_point)) break;
        size += c.size;
    }
    return size;
}

std::size_t trailing_white_space(std::string_view text) noexcept {
    std::size_t end = text.size();
    while (end > 0) {
        std::size_t begin = end - 1;
        while (is_continuation(bytes_of(text)[begin])) --begin;
        if (!unicode::is_white_space(decode_char(bytes_of(text) + begin).code_point)) break;
        end = begin;
    }
    return text.size() - end;
}

NormalizedString::NormalizedString(std::string original)
    : source_(std::make_shared<std::string const>(std::move(original))),
      original_{0, source_->size()},
      normalized_(*source_) {
    alignments_.reserve(normalized_.size());
    for (std::size_t begin = 0; begin < normalized_.size();) {
        std::size_t const size = decode_char(bytes_of(normalized_) + begin).size;
        alignments_.insert(alignments_.end(), size, Span{begin, begin + size});
        begin += size;
    }
}

std::optional<Span> NormalizedString::to_original(Span normalized) const {
    if (normalized.begin == normalized.end) return normalized;
    if (normalized.begin > normalized.end || normalized.end > alignments_.size()) return {};
    return Span{alignments_[normalized.begin].begin, alignments_[normalized.end - 1].end};
}

std::optional<Span> NormalizedString::to_normalized(Span original) const {
    if (original.begin == original.end) return original;
    if (original.begin > original.end) return {};
    auto const position = [this](auto const& predicate) {
        auto const found = std::partition_point(alignments_.begin(), alignments_.end(), predicate);
        return static_cast<std::size_t>(found - alignments_.begin());
    };
    // Whatever lies within the range, but for what stands for nothing at its beginning.
    std::size_t const end = position([&](Span at) { return at.end <= original.end; });
    std::size_t const begin =
        position([&](Span at) { return at.begin < original.begin || at.end == 0; });
    if (end == 0) return {};
    return Span{std::min(begin, end), end};
}

std::optional<NormalizedString> NormalizedString::slice(Referential in, Span range) const {
    bool const of_original = in == Referential::original;
    if (cuts_character(of_original ? original() : std::string_view(normalized_), range)) return {};
    std::optional<Span> const other = of_original ? to_normalized(range) : to_original(range);
    if (!other) return {};
    Span const in_original = of_original ? range : *other;
    Span const in_normalized = of_original ? *other : range;
    if (in_normalized.end > alignments_.size()) return {};

    NormalizedString part;
    part.source_ = source_;
    part.original_.begin = original_.begin + in_original.begin;
    part.original_.end = part.original_.begin + part_or_empty(original(), in_original).size();
    part.normalized_ = part_or_empty(normalized_, in_normalized);
    part.alignments_.reserve(in_normalized.size());
    for (std::size_t i = in_normalized.begin; i < in_normalized.end; ++i) {
        part.alignments_.push_back(
            {alignments_[i].begin - in_original.begin, alignments_[i].end - in_original.begin});
    }
    return part;
}

void NormalizedString::transform(std::span<CharChange const> changes, std::size_t removed_first) {
    AlignedOutput output(*this);
    output.remove(removed_first);
    for (CharChange const& c : changes) output.put(c.code_point, c.change);
    output.finish();
}

void NormalizedString::transform_range(Referential in, Span range,
                                       std::span<CharChange const> changes,
                                       std::size_t removed_first) {
    if (in == Referential::original) {
        std::optional<Span> const converted = to_normalized(range);
        if (!converted) return;
        range = *converted;
    }
    if (range.begin > range.end || cuts_character(normalized_, range)) {
        throw Error(ErrorKind::invalid_input, "a change of a range that cuts a character");
    }
    AlignedOutput output(*this, range);
    output.remove(removed_first);
    for (CharChange const& c : changes) output.put(c.code_point, c.change);
    output.finish();
}

void NormalizedString::prepend(std::string_view text) {
    if (normalized_.empty()) return;
    // The first new character takes the place of the first old one, which comes back as an inserted
    // one behind the new text.
    DecodedChar const next = decode_char(bytes_of(normalized_));
    AlignedOutput output(*this, {0, next.size});
    for (std::size_t i = 0; i < text.size();) {
        DecodedChar const c = decode_char(bytes_of(text) + i);
        output.put(c.code_point, i == 0 ? 0 : 1);
        i += c.size;
    }
    output.put(next.code_point, 1);
    output.finish();
}

void NormalizedString::append(std::string_view text) {
    // Inserted text belongs to the character before it.
    Span const alignment = alignments_.empty() ? Span{} : alignments_.back();
    normalized_.append(text);
    alignments_.insert(alignments_.end(), text.size(), alignment);
}

void NormalizedString::clear() {
    transform({}, normalized_.size());
}

void NormalizedString::splice(Span range, std::string text, std::vector<Span> alignments) {
    if (range.begin == 0 && range.end == normalized_.size()) {
        normalized_ = std::move(text);
        alignments_ = std::move(alignments);
        return;
    }
    auto const at = [](auto& container, std::size_t position) {
        return container.begin() + static_cast<std::ptrdiff_t>(position);
    };
    normalized_.replace(range.begin, range.size(), text);
    alignments_.erase(at(alignments_, range.begin), at(alignments_, range.end));
    alignments_.insert(at(alignments_, range.begin), alignments.begin(), alignments.end());
}

void NormalizedString::strip_ends(bool left, bool right) {
    std::string_view const text = normalized_;
    std::size_t const begin = left ? leading_white_space(text) : 0;
    std::size_t const trailing = right ? trailing_white_space(text) : 0;
    if (begin == 0 && trailing == 0) return;
    AlignedOutput output(*this);
    auto const is_start = [](char c) { return !is_continuation(static_cast<Byte>(c)); };
    output.remove(static_cast<std::size_t>(
        std::count_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), is_start)));
    std::size_t const end = text.size() - trailing;
    if (begin < end) output.keep(text.substr(begin, end - begin));
    output.finish();
}

}  // namespace tokmill::stages
