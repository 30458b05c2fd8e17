// Encodings: looking things up, cutting, padding, merging, as tokenizers does it.
#include "pipeline/encoding.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"

namespace tokmill::stages {

namespace {

template <class T>
std::vector<T> cut(std::vector<T> const& values, Span range) {
    auto const at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
    return {at(range.begin), at(range.end)};
}

template <class T>
void append_all(std::vector<T>& values, std::vector<T>&& more) {
    if (values.empty()) {
        values = std::move(more);
    } else {
        values.insert(values.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
    }
}

template <class T>
void fill(std::vector<T>& values, std::size_t count, T const& value, Side side) {
    values.insert(side == Side::left ? values.begin() : values.end(), count, value);
}

// The parts that a text of `size` tokens is cut into, that which is kept first.
std::vector<Span> parts_of(std::size_t size, std::size_t length, std::size_t stride, Side side) {
    std::size_t const step = length - stride;
    std::vector<Span> parts;
    if (side == Side::right) {
        for (std::size_t begin = 0; begin < size; begin += step) {
            parts.push_back({begin, std::min(begin + length, size)});
            if (parts.back().end == size) break;
        }
    } else {
        for (std::size_t end = size; end > 0; end = end > step ? end - step : 0) {
            parts.push_back({end > length ? end - length : 0, end});
            if (parts.back().begin == 0) break;
        }
    }
    return parts;
}

}  // namespace

void Encoding::reserve(std::size_t tokens_expected) {
    ids.reserve(tokens_expected);
    type_ids.reserve(tokens_expected);
    tokens.reserve(tokens_expected);
    words.reserve(tokens_expected);
    offsets.reserve(tokens_expected);
    special_tokens_mask.reserve(tokens_expected);
    attention_mask.reserve(tokens_expected);
}

void Encoding::push_back(std::uint32_t id, std::string token, Span offset, std::uint32_t word,
                         std::uint32_t type_id) {
    ids.push_back(id);
    type_ids.push_back(type_id);
    tokens.push_back(std::move(token));
    words.push_back(word);
    offsets.push_back(offset);
    special_tokens_mask.push_back(0);
    attention_mask.push_back(1);
}

std::size_t Encoding::n_sequences() const noexcept {
    return sequence_ranges.empty() ? 1 : sequence_ranges.size();
}

Span Encoding::sequence_range(std::size_t sequence) const {
    auto const found = sequence_ranges.find(sequence);
    if (found == sequence_ranges.end()) return {0, size()};
    std::size_t const end = std::min(found->second.end, size());
    return {std::min(found->second.begin, end), end};
}

// tokenizers asks for sequences 0 to n - 1, whatever the numbers of those present are; one that is
// missing is taken for all tokens.
std::vector<std::optional<std::size_t>> Encoding::sequence_ids() const {
    std::vector<std::optional<std::size_t>> sequences(size());
    for (std::size_t sequence = 0; sequence < n_sequences(); ++sequence) {
        Span const range = sequence_range(sequence);
        for (std::size_t i = range.begin; i < range.end; ++i) sequences[i] = sequence;
    }
    return sequences;
}

std::optional<std::size_t> Encoding::token_to_sequence(std::size_t token) const {
    if (token > size()) return std::nullopt;
    if (sequence_ranges.empty()) return 0;
    for (auto const& [sequence, range] : sequence_ranges) {
        if (range.begin <= token && token < range.end) return sequence;
    }
    return std::nullopt;
}

std::optional<Span> Encoding::word_to_tokens(std::uint32_t word, std::size_t sequence) const {
    Span const range = sequence_range(sequence);
    std::optional<Span> found;
    for (std::size_t i = range.begin; i < range.end; ++i) {
        if (words[i] == kNoWord) continue;
        if (words[i] > word) break;
        if (words[i] == word) found = Span{found ? found->begin : i, i + 1};
    }
    return found;
}

std::optional<Span> Encoding::word_to_chars(std::uint32_t word, std::size_t sequence) const {
    std::optional<Span> const found = word_to_tokens(word, sequence);
    if (!found) return std::nullopt;
    return Span{offsets[found->begin].begin, offsets[found->end - 1].end};
}

std::optional<std::pair<std::size_t, Span>> Encoding::token_to_chars(std::size_t token) const {
    std::optional<std::size_t> const sequence = token_to_sequence(token);
    if (!sequence || token >= size()) return std::nullopt;
    return std::pair{*sequence, offsets[token]};
}

std::optional<std::pair<std::size_t, std::uint32_t>> Encoding::token_to_word(
    std::size_t token) const {
    std::optional<std::size_t> const sequence = token_to_sequence(token);
    if (!sequence || token >= size() || words[token] == kNoWord) return std::nullopt;
    return std::pair{*sequence, words[token]};
}

std::optional<std::size_t> Encoding::char_to_token(std::size_t position,
                                                   std::size_t sequence) const {
    Span const range = sequence_range(sequence);
    for (std::size_t i = range.begin; i < range.end; ++i) {
        if (offsets[i].begin <= position && position < offsets[i].end) return i;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> Encoding::char_to_word(std::size_t position,
                                                    std::size_t sequence) const {
    std::optional<std::size_t> const token = char_to_token(position, sequence);
    if (!token) return std::nullopt;
    auto const word = token_to_word(*token);
    if (!word) return std::nullopt;
    return word->second;
}

Encoding Encoding::part(Span range) const {
    Encoding result;
    result.ids = cut(ids, range);
    result.type_ids = cut(type_ids, range);
    result.tokens = cut(tokens, range);
    result.words = cut(words, range);
    result.offsets = cut(offsets, range);
    result.special_tokens_mask = cut(special_tokens_mask, range);
    result.attention_mask = cut(attention_mask, range);
    return result;
}

void Encoding::truncate(std::size_t max_length, std::size_t stride, Side side) {
    if (max_length >= size()) return;
    if (max_length == 0) {
        Encoding rest = std::exchange(*this, Encoding());
        overflowing.push_back(std::move(rest));
        return;
    }
    if (stride >= max_length) {
        throw Error(ErrorKind::invalid_input,
                    "`stride` must be strictly less than `max_len=" + std::to_string(max_length) +
                        "` (note that `max_len` may be shorter than the max length of the "
                        "original model, as it subtracts the number of special characters");
    }
    std::vector<Span> const parts = parts_of(size(), max_length, stride, side);
    Encoding kept = part(parts.front());
    for (std::size_t i = 1; i < parts.size(); ++i) kept.overflowing.push_back(part(parts[i]));
    *this = std::move(kept);
}

void Encoding::pad(std::size_t length, PadToken const& token, Side side) {
    for (Encoding& rest : overflowing) rest.pad(length, token, side);
    if (size() >= length) return;
    std::size_t const count = length - size();
    fill(ids, count, token.id, side);
    fill(type_ids, count, token.type_id, side);
    fill(tokens, count, token.text, side);
    fill(words, count, kNoWord, side);
    fill(offsets, count, Span{}, side);
    fill(special_tokens_mask, count, 1u, side);
    fill(attention_mask, count, 0u, side);
    if (side == Side::right) return;
    for (auto& [sequence, range] : sequence_ranges) {
        range = {range.begin + count, range.end + count};
    }
}

void Encoding::append(Encoding&& other, bool growing_offsets) {
    std::size_t const shift = size();
    std::size_t const start = growing_offsets && !offsets.empty() ? offsets.back().end : 0;
    for (auto const& [sequence, range] : other.sequence_ranges) {
        sequence_ranges[sequence] = {shift + range.begin, shift + range.end};
    }
    if (start != 0) {
        for (Span& offset : other.offsets) offset = {offset.begin + start, offset.end + start};
    }
    append_all(ids, std::move(other.ids));
    append_all(type_ids, std::move(other.type_ids));
    append_all(tokens, std::move(other.tokens));
    append_all(words, std::move(other.words));
    append_all(offsets, std::move(other.offsets));
    append_all(special_tokens_mask, std::move(other.special_tokens_mask));
    append_all(attention_mask, std::move(other.attention_mask));
}

// The combined parts have overflowing parts themselves: those that are made when two are merged of
// which one has some.
void Encoding::merge_with(Encoding other, bool growing_offsets) {
    auto const merged = [&](Encoding left, Encoding const& right) {
        left.merge_with(right, growing_offsets);
        return left;
    };
    std::vector<Encoding> combined;
    for (Encoding const& mine : overflowing) {
        combined.push_back(merged(mine, other));
        for (Encoding const& theirs : other.overflowing) combined.push_back(merged(mine, theirs));
    }
    for (Encoding const& theirs : other.overflowing) combined.push_back(merged(*this, theirs));
    append(std::move(other), growing_offsets);
    overflowing = std::move(combined);
}

Encoding Encoding::merge(std::vector<Encoding> encodings, bool growing_offsets) {
    if (encodings.empty()) return {};
    // Merging with nothing changes nothing.
    Encoding result = std::move(encodings.front());
    for (std::size_t i = 1; i < encodings.size(); ++i) {
        result.merge_with(std::move(encodings[i]), growing_offsets);
    }
    return result;
}

}  // namespace tokmill::stages
