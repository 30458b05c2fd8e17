// Text to ids: NumbersTokenizer, and the targets that its numbers and parts of text go to.
#include <algorithm>
#include <cstring>
#include <utility>

#include "models/word_key.h"
#include "numbers/number_sink.h"
#include "numbers/numbers_tokenizer.h"
#include "pipeline/batch.h"
#include "pipeline/character_offsets.h"
#include "pipeline/input_text.h"
#include "pipeline/outputs.h"

namespace tokmill::numbers {
namespace {

EncodeOptions inner_options(EncodeOptions const& options) {
    EncodeOptions inner = options;
    inner.add_special_tokens = false;
    return inner;
}

void put(IdOutput& out, std::span<std::uint32_t const> ids) {
    std::uint32_t* const place = out.buffer().reserve(ids.size());
    out.buffer().commit(std::copy(ids.begin(), ids.end(), place));
}
void put(CountOutput& out, std::span<std::uint32_t const> ids) {
    out.add(ids.size());
}

// Sends ids to an Output. Short parts of text are remembered with their ids, as the base takes
// longer to begin than to work on them, unless they might hold a special token: then they would
// depend on the options of the call.
template <class Output>
class FastTarget {
 public:
    static constexpr bool kTakesTriads = true;

    // `text_end`: up to there the memory behind parts can be read.
    FastTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options, bool is_valid,
               char const* text_end, EncodeState& state, Output& out)
        : tokenizer_(tokenizer),
          id_map_(tokenizer.id_map()),
          first_id_(tokenizer.first_id()),
          text_end_(text_end),
          minds_edges_(tokenizer.segments().minds_edges()),
          remembers_(is_valid && tokenizer.segments().repeats()),
          options_(inner_options(options)),
          state_(state),
          out_(out) {}

    bool full() const { return out_.full(); }
    void number(std::uint32_t index, Span) { out_.id(id(index)); }

    void integer_triads(std::string_view digits) {
        std::size_t const count = (digits.size() + 2) / 3;
        if constexpr (std::is_same_v<Output, CountOutput>) return out_.add(count);
        NumberVocabulary const& vocabulary = tokenizer_.vocabulary();
        std::size_t const first = (digits.size() - 1) % 3 + 1;
        auto group = static_cast<std::uint32_t>(count);
        std::uint32_t* const out = reserve(count);
        out[0] = id(vocabulary.integer(--group, first, leading_value(digits.data(), first)));
        char const* at = digits.data() + first;
        for (std::size_t i = 1; i < count; ++i, at += 3) {
            out[i] = id(vocabulary.integer(--group, 3, NumberVocabulary::triad(at)));
        }
        commit(out + count);
    }
    void fraction_triads(std::string_view digits) {
        std::size_t const count = (digits.size() + 2) / 3;
        if constexpr (std::is_same_v<Output, CountOutput>) return out_.add(count);
        NumberVocabulary const& vocabulary = tokenizer_.vocabulary();
        std::uint32_t* const out = reserve(count + kFew);
        // How many there are is hard to predict: the first few are made in any case.
        std::uint32_t depth = 0;
        if (id_map_ == nullptr && vocabulary.fraction_groups() >= kFew &&
            can_read(digits.data(), 3 * kFew)) {
            for (; depth < kFew; ++depth) {
                std::uint32_t const value = NumberVocabulary::triad(digits.data() + 3 * depth);
                out[depth] = first_id_ + vocabulary.fraction(depth, 3, value);
            }
        }
        for (; depth + 1 < count; ++depth) {
            std::uint32_t const value = NumberVocabulary::triad(digits.data() + 3 * depth);
            out[depth] = id(vocabulary.fraction(depth, 3, value));
        }
        std::size_t const size = (digits.size() - 1) % 3 + 1;
        char const* const last = digits.data() + digits.size() - size;
        out[count - 1] = id(vocabulary.fraction(static_cast<std::uint32_t>(count - 1), size,
                                                leading_value(last, size)));
        commit(out + count);
    }

    void segment(Segment const& segment) {
        bool const at_edge = minds_edges_ && (segment.at_start || segment.at_end);
        if (!at_edge && segment.text.size() == 1) {
            auto const c = static_cast<unsigned char>(segment.text[0]);
            std::uint32_t const id =
                c < 128 ? tokenizer_.id_of_character(c) : NumbersTokenizer::kNoId;
            if (id != NumbersTokenizer::kNoId) return out_.id(id);
        }
        constexpr std::size_t kLongest = 64;
        if (!remembers_ || at_edge || segment.text.size() > kLongest) {
            return send(ids_of(segment));
        }
        WordCache& seen = state_.words.seen;
        WordKey const key = key_of(segment.text);
        std::uint64_t const hash = hash_key(key);
        CachedWord const* const known = seen.find(key, hash);
        if (known != nullptr && known->is_packed()) [[likely]] {
            return unpack(*known);
        }
        if (known != nullptr) {
            auto const ids = seen.ids_of(*known, segment.text);
            if (ids.data() != nullptr) return put(out_, ids);
        }
        auto const ids = ids_of(segment);
        bool const may_hold_special =
            std::any_of(segment.text.begin(), segment.text.end(),
                        [&](char c) { return tokenizer_.special_digits().may_begin(c); });
        if (!may_hold_special) seen.insert(key, hash, segment.text, ids);
        send(ids);
    }

 private:
    static constexpr std::size_t kFew = 4;

    std::uint32_t id(std::uint32_t index) const noexcept {
        return id_map_ == nullptr ? first_id_ + index : id_map_[index];
    }
    bool can_read(char const* text, std::size_t size) const noexcept {
        return static_cast<std::size_t>(text_end_ - text) >= size;
    }
    // The value of one to three digits.
    std::uint32_t leading_value(char const* digits, std::size_t size) const noexcept {
        if (!can_read(digits, 3)) [[unlikely]]
            return NumberVocabulary::value_of({digits, size});
        std::uint32_t const one = static_cast<unsigned char>(digits[0]) - unsigned{'0'};
        std::uint32_t const two = one * 10 + static_cast<unsigned char>(digits[1]) - unsigned{'0'};
        std::uint32_t const both = size == 1 ? one : two;
        return size == 3 ? NumberVocabulary::triad(digits) : both;
    }
    std::uint32_t* reserve(std::size_t count) {
        if constexpr (std::is_same_v<Output, IdOutput>) return out_.buffer().reserve(count);
        return nullptr;
    }
    void commit(std::uint32_t const* end) {
        if constexpr (std::is_same_v<Output, IdOutput>) out_.buffer().commit(end);
    }
    WordKey key_of(std::string_view text) const {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
        bool const in_reach = static_cast<std::size_t>(text_end_ - text.data()) >= kMaxKeyBytes;
        WordKey const key =
            in_reach ? make_key_unchecked(bytes, text.size()) : make_key(bytes, text.size());
        bool const is_short = text.size() <= kMaxKeyBytes && !WordCache::looks_free(key);
        return is_short ? key : WordCache::long_key(text);
    }
    void unpack(CachedWord const& known) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            std::uint32_t* const place = out_.buffer().reserve(kInlineIds);
            out_.buffer().commit(place + known.unpack(place));
        } else {
            std::uint32_t ids[kInlineIds];
            out_.add(known.unpack(ids));
        }
    }
    // Appended to the ids if these are wanted, so that long parts are not copied.
    std::span<std::uint32_t const> ids_of(Segment const& segment) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            std::size_t const before = out_.buffer().size();
            tokenizer_.segments().encode(segment, options_, out_.buffer());
            return {out_.buffer().data() + before, out_.buffer().size() - before};
        } else {
            counted_.clear();
            tokenizer_.segments().encode(segment, options_, counted_);
            return {counted_.data(), counted_.size()};
        }
    }
    void send(std::span<std::uint32_t const> ids) {
        if constexpr (std::is_same_v<Output, CountOutput>) out_.add(ids.size());
    }

    NumbersTokenizer const& tokenizer_;
    std::uint32_t const* id_map_;
    std::uint32_t first_id_;
    char const* text_end_;
    bool minds_edges_;
    bool remembers_;
    EncodeOptions options_;
    EncodeState& state_;
    Output& out_;
    IdBuffer counted_;
};

class OffsetTarget {
 public:
    static constexpr bool kTakesTriads = false;

    OffsetTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options, IdBuffer& ids,
                 std::vector<std::int64_t>& spans)
        : tokenizer_(tokenizer), options_(inner_options(options)), ids_(ids), spans_(spans) {}

    static constexpr bool full() noexcept { return false; }
    void number(std::uint32_t index, Span place) {
        ids_.push(tokenizer_.id_of(index));
        spans_.push_back(static_cast<std::int64_t>(place.begin));
        spans_.push_back(static_cast<std::int64_t>(place.end));
    }
    void segment(Segment const& segment) {
        tokenizer_.segments().encode_with_offsets(segment, options_, ids_, spans_);
    }

 private:
    NumbersTokenizer const& tokenizer_;
    EncodeOptions options_;
    IdBuffer& ids_;
    std::vector<std::int64_t>& spans_;
};

}  // namespace

template <class Target>
void NumbersTokenizer::walk(std::string_view text, std::size_t valid, EncodeOptions const& options,
                            bool is_ascii, Target& target) const {
    NumberSink<Target> sink(text, is_ascii, vocabulary_, cutter_, segments_, target);
    std::vector<Span> special;
    special_digits_.find(text.substr(0, valid), options, special);
    std::size_t at = 0;
    for (Span const& span : special) {
        if (span.begin > at) {
            sink.start_stretch(at);
            grammar_.scan(text.substr(at, span.begin - at), sink);
        }
        at = std::max(at, span.end);
    }
    sink.start_stretch(at);
    grammar_.scan(text.substr(at), sink);
    if (!target.full()) sink.finish();
}

template <class Output>
void NumbersTokenizer::encode_to(TextRef text, EncodeOptions const& options, EncodeState& state,
                                 Output& out) const {
    auto const leave_to_base = [&](TextRef all) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            base_->encode(all, options, out.buffer());
        } else {
            out.add(base_->count(all, options));
        }
    };
    // ASCII digits are themselves in all but the wide forms of text.
    bool const is_narrow = text.kind != TextKind::ucs2 && text.kind != TextKind::ucs4;
    if (is_narrow) {
        std::string_view const raw(static_cast<char const*>(text.data), text.length);
        if (grammar_.next_digit(raw, 0) == raw.size()) return leave_to_base(text);
    }
    auto const [utf8, valid] = utf8_of(text, state.transcoded);
    bool const is_valid = valid == utf8.size();
    bool const has_digits = is_narrow || grammar_.next_digit(utf8, 0) != utf8.size();
    // A base that works on characters has its own words for bytes that are none.
    if (!has_digits || (!is_valid && !base_->decodes_by_concatenation())) {
        return leave_to_base({utf8.data(), utf8.size(), TextKind::bytes});
    }
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head_.prefix_ids) out.id(id);
    }
    FastTarget<Output> target(*this, options, is_valid, utf8.data() + utf8.size(), state, out);
    walk(utf8, valid, options, text.kind == TextKind::ascii, target);
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head_.suffix_ids) out.id(id);
    }
    // One very long text must not leave its size behind in the pool.
    constexpr std::size_t kKeep = std::size_t{16} << 20;
    if (state.transcoded.size() > kKeep) state.transcoded = {};
}

void NumbersTokenizer::encode(TextRef text, EncodeOptions const& options, IdBuffer& ids) const {
    auto const state = states_.borrow();
    IdOutput out(ids);
    encode_to(text, options, *state, out);
}

std::size_t NumbersTokenizer::count(TextRef text, EncodeOptions const& options) const {
    auto const state = states_.borrow();
    CountOutput out;
    encode_to(text, options, *state, out);
    return out.count();
}

bool NumbersTokenizer::fits(TextRef text, std::size_t limit, EncodeOptions const& options) const {
    auto const state = states_.borrow();
    CountOutput out(limit);
    encode_to(text, options, *state, out);
    return !out.full();
}

BatchIds NumbersTokenizer::encode_batch(std::span<TextRef const> texts,
                                        EncodeOptions const& options, unsigned threads) const {
    return encode_rows(*this, states_, texts, options, threads);
}

std::vector<std::int64_t> NumbersTokenizer::count_batch(std::span<TextRef const> texts,
                                                        EncodeOptions const& options,
                                                        unsigned threads) const {
    return count_rows(*this, states_, texts, options, threads);
}

void NumbersTokenizer::encode_with_offsets(TextRef text, EncodeOptions const& options,
                                           OffsetUnit unit, IdBuffer& ids,
                                           std::vector<std::int64_t>& spans) const {
    auto const state = states_.borrow();
    auto const [utf8, valid] = utf8_of(text, state->transcoded);
    bool const is_valid = valid == utf8.size();
    bool const has_digits = grammar_.next_digit(utf8, 0) != utf8.size();
    if (!has_digits || (!is_valid && !base_->decodes_by_concatenation())) {
        return base_->encode_with_offsets(text, options, unit, ids, spans);
    }
    if (!is_valid && unit == OffsetUnit::character) {
        throw Error(ErrorKind::invalid_input,
                    "offsets in characters: invalid UTF-8 at byte " + std::to_string(valid), valid);
    }
    std::size_t const first = spans.size();
    auto const surround = [&](std::vector<std::uint32_t> const& around) {
        for (std::uint32_t const id : around) {
            ids.push(id);
            spans.insert(spans.end(), {0, 0});
        }
    };
    if (options.add_special_tokens) surround(head_.prefix_ids);
    OffsetTarget target(*this, options, ids, spans);
    walk(utf8, valid, options, text.kind == TextKind::ascii, target);
    std::size_t const last = spans.size();
    if (options.add_special_tokens) surround(head_.suffix_ids);
    if (unit == OffsetUnit::byte) return;
    std::size_t const before = options.add_special_tokens ? 2 * head_.prefix_ids.size() : 0;
    CharacterOffsets const characters(utf8);
    for (std::size_t i = first + before; i < last; i += 2) {
        Span const span = characters(
            {static_cast<std::size_t>(spans[i]), static_cast<std::size_t>(spans[i + 1])});
        spans[i] = static_cast<std::int64_t>(span.begin);
        spans[i + 1] = static_cast<std::int64_t>(span.end);
    }
}

}  // namespace tokmill::numbers
