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

// Sends ids to an Output. Short parts of text are remembered with their ids: between numbers they
// are nearly always the same few, and the base takes longer to begin than to work on them.
template <class Output>
class FastTarget {
 public:
    FastTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options, bool is_valid,
               EncodeState& state, Output& out)
        : tokenizer_(tokenizer),
          options_(inner_options(options)),
          remembers_(
              is_valid && tokenizer.segments().repeats() &&
              (options.special == SpecialPolicy::parse || options.special == SpecialPolicy::text)),
          state_(state),
          out_(out) {}

    bool full() const { return out_.full(); }
    void number(std::size_t index, Span) { out_.id(tokenizer_.id_of(index)); }

    void segment(Segment const& segment) {
        bool const at_edge =
            tokenizer_.segments().minds_edges() && (segment.at_start || segment.at_end);
        if (!remembers_ || segment.text.size() >= kMaxKeyBytes || at_edge) {
            return send(ids_of(segment));
        }
        WordKey const key = key_of(segment.text);
        std::uint64_t const hash = hash_key(key);
        CachedWord const* const known = state_.words.seen.find(key, hash);
        if (known != nullptr && known->is_packed()) [[likely]] {
            return unpack(*known);
        }
        if (known != nullptr) {
            auto const ids = state_.words.seen.ids_of(*known, {});
            if (ids.data() != nullptr) return put(out_, ids);
        }
        auto const ids = ids_of(segment);
        // Special tokens depend on the options of the call.
        bool const may_hold_special =
            std::any_of(segment.text.begin(), segment.text.end(),
                        [&](char c) { return tokenizer_.special_digits().may_begin(c); });
        if (!may_hold_special) state_.words.seen.insert(key, hash, segment.text, ids);
        send(ids);
    }

 private:
    // The part itself, with a byte behind it that no text holds.
    WordKey key_of(std::string_view text) const {
        unsigned char bytes[kMaxKeyBytes] = {};
        std::memcpy(bytes, text.data(), text.size());
        bool const parses = options_.special == SpecialPolicy::parse;
        bytes[text.size()] = parses ? 0xFE : 0xFD;
        return make_key_unchecked(bytes, text.size() + 1);
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
    EncodeOptions options_;
    bool remembers_;
    EncodeState& state_;
    Output& out_;
    IdBuffer counted_;
};

class OffsetTarget {
 public:
    OffsetTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options, IdBuffer& ids,
                 std::vector<std::int64_t>& spans)
        : tokenizer_(tokenizer), options_(inner_options(options)), ids_(ids), spans_(spans) {}

    static constexpr bool full() noexcept { return false; }
    void number(std::size_t index, Span place) {
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
    FastTarget<Output> target(*this, options, is_valid, state, out);
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
