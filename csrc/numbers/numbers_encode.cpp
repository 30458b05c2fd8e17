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
// longer to begin than to work on them, and so are passages with numbers in them if the base
// remembers as much: others are fast enough without that it would take too long to remember what
// may never come again.
template <class Output>
class FastTarget {
 public:
    static constexpr bool kTakesTriads = true;
    static constexpr bool kRemembers = true;

    // `text_end`: up to there the memory behind parts can be read.
    FastTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options, bool is_valid,
               char const* text_end, EncodeState& state, Output& out)
        : tokenizer_(tokenizer),
          id_map_(tokenizer.id_map()),
          first_id_(tokenizer.first_id()),
          text_end_(text_end),
          minds_edges_(tokenizer.segments().minds_edges()),
          remembers_(is_valid && tokenizer.segments().repeats()),
          remembers_passages_(remembers_ && tokenizer.segments().remembers_lines() &&
                              tokenizer.passage_ends().exist() &&
                              options.special != SpecialPolicy::allow),
          options_(inner_options(options)),
          state_(state),
          out_(out) {}

    bool full() const { return out_.full(); }
    void number(std::uint32_t index, Span) { out_.id(id(index)); }

    void integer_triads(std::string_view digits) {
        std::size_t const count = (digits.size() + 2) / 3;
        if constexpr (std::is_same_v<Output, CountOutput>) return out_.add(count);
        NumberVocabulary const& vocabulary = tokenizer_.vocabulary();
        std::size_t const first = digits.size() - 3 * (count - 1);
        auto group = static_cast<std::uint32_t>(count);
        std::uint32_t* const out = reserve(count + 1);
        out[0] = id(vocabulary.integer(--group, first, leading_value(digits.data(), first)));
        char const* at = digits.data() + first;
        // Whether there is a second one is hard to predict: it is made in any case.
        if (count <= 2 && id_map_ == nullptr && can_read(at, 3)) {
            out[1] = first_id_ + vocabulary.integer(0, 3, NumberVocabulary::triad(at));
            return commit(out + count);
        }
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
            if (id != NumbersTokenizer::kNoId) [[likely]]
                return out_.id(id);
        }
        other_segment(segment, at_edge);
    }

    std::size_t behind_number(std::string_view text, std::size_t end) {
        for (;;) {
            if (remembers_passages_) end = known_passages(text, end);
            std::size_t const next = close_numbers(text, end);
            if (next == end) return end;
            end = next;
        }
    }

 private:
    static constexpr std::size_t kFew = 2;
    // What the ids of remembered text depend on beside the text: the lowest two bits are the
    // policy.
    static constexpr unsigned kAtStart = 4, kAtEnd = 8, kPassage = 16, kKinds = 32;

    // The last passage that was looked for.
    struct Passage {
        std::size_t begin = 0, end = 0;
        std::size_t number_end = 0;  // of its last number so far
        bool is_open = false;        // its ids are on their way
        std::size_t first_id = 0, last_id = 0;
        WordKey key{};
    };

    // Puts the passages behind a number that are known and opens the one that is not; returns how
    // far that goes.
    std::size_t known_passages(std::string_view text, std::size_t end) {
        if (passage_.is_open && end <= passage_.end) note_number(end);
        // Elsewhere a passage would be mostly text that the base remembers.
        constexpr std::size_t kNear = 64;
        bool is_near = end - last_end_ <= kNear;
        // Behind the same number whether the passage before it is known or not.
        while (end >= passage_.end && !full()) {
            if (passage_.is_open) close_passage(text);
            if (!is_near) break;
            auto const next = tokenizer_.passage_ends().find(text, end, looked_);
            if (!next) break;
            passage_ = {end, *next, end};
            std::size_t const size = put_passage(text.substr(end, *next - end));
            if (size == 0) {
                open_passage();
                break;
            }
            end += size;
            is_near = true;
        }
        last_end_ = end;
        return end;
    }
    // Puts numbers that follow closely, with what lies between them; returns where the last one
    // ends. An open passage is not left.
    std::size_t close_numbers(std::string_view text, std::size_t end) {
        CloseIds const* const ids = tokenizer_.close_ids();
        if (ids == nullptr || (remembers_passages_ && !passage_.is_open)) return end;
        std::size_t const last = remembers_passages_ ? passage_.end : text.size();
        CloseNumerals numerals(tokenizer_.grammar().close_rules(), text, end);
        CloseNumerals::Found found;
        while (!full() && numerals.next(found) && found.end() <= last) {
            segment(Segment{text.substr(end, found.gap), end, false, false, false});
            if constexpr (std::is_same_v<Output, IdOutput>) {
                commit(ids->write(found, reserve(CloseIds::kMostIds)));
            } else {
                out_.add(CloseIds::count(found));
            }
            end = found.end();
        }
        last_end_ = end;
        return end;
    }

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
        auto const digit = [&](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(digits[i]) - '0');
        };
        // The digits that count, moved to the end of three. Without a branch: how many there are is
        // hard to predict.
        std::uint32_t const all = digit(0) << 16 | (digit(1) & 0xFF) << 8 | (digit(2) & 0xFF);
        std::uint32_t const moved = all >> (24 - 8 * size);
        return (moved >> 16) * 100 + (moved >> 8 & 0xFF) * 10 + (moved & 0xFF);
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
    void other_segment(Segment const& segment, bool at_edge) {
        constexpr std::size_t kLongest = 64;
        if (!remembers_ || segment.text.size() > kLongest) return send(ids_of(segment));
        WordKey key = key_of(segment.text);
        if (!at_edge && put_known(key, segment.text)) [[likely]]
            return;
        bool const may_hold_special =
            std::any_of(segment.text.begin(), segment.text.end(),
                        [&](char c) { return tokenizer_.special_digits().may_begin(c); });
        if (at_edge || may_hold_special) {
            if (options_.special == SpecialPolicy::allow) return send(ids_of(segment));
            unsigned const edges =
                (segment.at_start ? kAtStart : 0) | (segment.at_end ? kAtEnd : 0);
            key = key_of(segment.text, at_edge ? edges : 0);
            if (put_known(key, segment.text)) return;
        }
        auto const ids = ids_of(segment);
        state_.words.seen.insert(key, hash_key(key), segment.text, ids);
        send(ids);
    }

    // No other key has the highest bit and, behind it, these.
    WordKey key_of(std::string_view text, unsigned kind) const {
        WordKey key = WordCache::long_key(text);
        unsigned const all = kKinds | kind | static_cast<unsigned>(options_.special);
        key.high = key.high >> 6 | std::uint64_t{all} << 58;
        return key;
    }
    // False if the text with this key is not known.
    bool put_known(WordKey key, std::string_view text) {
        WordCache const& seen = state_.words.seen;
        CachedWord const* const known = seen.find(key, hash_key(key));
        if (known == nullptr) return false;
        if (known->is_packed()) [[likely]] {
            unpack(*known);
            return true;
        }
        auto const ids = seen.ids_of(*known, text);
        if (ids.data() == nullptr) return false;
        put(out_, ids);
        return true;
    }
    // How far into the passage its last number ends; 0 if the passage is not known.
    std::size_t put_passage(std::string_view passage) {
        passage_.key = key_of(passage, kPassage);
        WordCache const& seen = state_.words.seen;
        CachedWord const* const known = seen.find(passage_.key, hash_key(passage_.key));
        if (known == nullptr) return 0;
        auto const found = seen.ids_of(*known, passage);
        if (found.data() == nullptr) return 0;
        put(out_, found.subspan(1));
        return found[0];
    }
    void open_passage() {
        // Where ids are only counted there are none to be remembered.
        if constexpr (std::is_same_v<Output, IdOutput>) {
            passage_.is_open = true;
            passage_.first_id = passage_.last_id = out_.buffer().size();
        }
    }
    void note_number(std::size_t end) {
        if constexpr (std::is_same_v<Output, IdOutput>) {
            passage_.number_end = end;
            passage_.last_id = out_.buffer().size();
        }
    }
    void close_passage(std::string_view text) {
        passage_.is_open = false;
        if (passage_.number_end == passage_.begin) return;
        if constexpr (std::is_same_v<Output, IdOutput>) {
            std::uint32_t const* const ids = out_.buffer().data();
            std::vector<std::uint32_t>& remembered = state_.words.ids;
            remembered.assign(1, static_cast<std::uint32_t>(passage_.number_end - passage_.begin));
            remembered.insert(remembered.end(), ids + passage_.first_id, ids + passage_.last_id);
            state_.words.seen.insert(passage_.key, hash_key(passage_.key),
                                     text.substr(passage_.begin, passage_.end - passage_.begin),
                                     remembered);
        }
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
    bool remembers_passages_;
    EncodeOptions options_;
    EncodeState& state_;
    Output& out_;
    IdBuffer counted_;
    Passage passage_;
    std::size_t last_end_ = 0;  // of the last number or passage
    std::size_t looked_ = 0;    // as PassageEnds::find() wants it
};

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
