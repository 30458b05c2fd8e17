// Text to ids.
#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>

#include "numbers/feeding_target.h"
#include "numbers/number_sink.h"
#include "numbers/numbers_tokenizer.h"
#include "numbers/remembering_target.h"
#include "pipeline/batch.h"
#include "pipeline/character_offsets.h"
#include "pipeline/input_text.h"
#include "pipeline/outputs.h"
#include "pipeline/remembered_runs.h"

namespace tokmill::numbers {
namespace {

EncodeOptions inner_options(EncodeOptions const& options) {
    EncodeOptions inner = options;
    inner.add_special_tokens = false;
    return inner;
}

class OffsetTarget {
 public:
    static constexpr bool kTakesTriads = false;
    static constexpr bool kRemembers = false;

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

// A text, or a run of one that is encoded as if it stood alone.
template <class Output>
struct NumbersTokenizer::RunEncoder {
    NumbersTokenizer const& tokenizer;
    ByteLevelTokenizer const& base;
    EncodeOptions const& options;
    bool is_ascii;
    EncodeState& state;
    Output& out;

    bool full() const { return out.full(); }
    void encode_run(std::string_view run) {
        FeedingTarget<Output> target(tokenizer, base, options, run, state, out);
        tokenizer.walk(run, run.size(), options, is_ascii, target);
        target.finish();
    }
    void put(std::span<std::uint32_t const> ids) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            IdBuffer& to = out.buffer();
            to.commit(std::copy(ids.begin(), ids.end(), to.reserve(ids.size())));
        } else {
            out.add(ids.size());
        }
    }
    // Nothing is ever on its way.
    void note_place(std::size_t& place) const {
        if constexpr (std::is_same_v<Output, IdOutput>) place = out.buffer().size();
    }
    std::uint32_t const* drain() const {
        if constexpr (std::is_same_v<Output, IdOutput>) return out.buffer().data();
        return nullptr;
    }
};

template <class Target>
void NumbersTokenizer::walk(std::string_view text, std::size_t valid, EncodeOptions const& options,
                            bool is_ascii, Target& target) const {
    std::vector<Span> special;
    special_digits_.find(text.substr(0, valid), options, special);
    NumberSink<Target> sink(text, is_ascii, !special.empty(), vocabulary_, cutter_, segments_,
                            target);
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
    // With the same state, so that words are learnt once.
    auto const leave_without_digits = [&](TextRef all) {
        auto const* const byte_level = segments_.feeds(options);
        if (byte_level == nullptr) return leave_to_base(all);
        byte_level->encode_to(all, options, state, out);
    };
    // ASCII digits are themselves in all but the wide forms of text.
    bool const is_narrow = text.kind != TextKind::ucs2 && text.kind != TextKind::ucs4;
    if (is_narrow) {
        std::string_view const raw(static_cast<char const*>(text.data), text.length);
        if (grammar_.next_digit(raw, 0) == raw.size()) return leave_without_digits(text);
    }
    auto const [utf8, valid] = utf8_of(text, state.transcoded);
    bool const is_valid = valid == utf8.size();
    bool const has_digits = is_narrow || grammar_.next_digit(utf8, 0) != utf8.size();
    TextRef const as_bytes{utf8.data(), utf8.size(), TextKind::bytes};
    if (!has_digits) return leave_without_digits(as_bytes);
    // A base that works on characters has its own words for bytes that are none.
    if (!is_valid && !base_->decodes_by_concatenation()) return leave_to_base(as_bytes);
    if (options.add_special_tokens) {
        for (std::uint32_t const id : head_.prefix_ids) out.id(id);
    }
    EncodeOptions const inner = inner_options(options);
    bool const is_ascii = text.kind == TextKind::ascii;
    auto const* const byte_level = is_valid ? segments_.feeds(options) : nullptr;
    if (byte_level != nullptr) {
        RunEncoder<Output> encoder{*this, *byte_level, inner, is_ascii, state, out};
        bool const remembers = number_cuts_.exist() && byte_level->scan != nullptr &&
                               byte_level->is_words(utf8) && state.words.comes_again(utf8);
        if (remembers) {
            auto const find_cut = [&](std::string_view all, std::size_t from) {
                return number_cuts_.find(all, from);
            };
            RememberedRuns(state.words.runs(), encoder, find_cut).encode(utf8);
        } else {
            encoder.encode_run(utf8);
        }
    } else {
        RememberingTarget<Output> target(*this, inner, is_valid, utf8.data() + utf8.size(), state,
                                         out);
        walk(utf8, valid, options, is_ascii, target);
    }
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
