// Where the numbers of a text and the parts between them go if the base takes each part as a text
// of its own. Short parts are remembered with their ids, as the base takes longer to begin than to
// work on them, and so are passages with numbers in them if the base remembers as much: others are
// fast enough without that it would take too long to remember what may never come again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/word_key.h"
#include "numbers/triad_writer.h"
#include "pipeline/encode_state.h"

namespace tokmill::numbers {

template <class Output>
class RememberingTarget : public TriadWriter<Output> {
    using Writer = TriadWriter<Output>;
    using Writer::kHasIds, Writer::tokenizer_;

 public:
    static constexpr bool kRemembers = true;

    // `options` without what is put around a text.
    RememberingTarget(NumbersTokenizer const& tokenizer, EncodeOptions const& options,
                      bool is_valid, char const* text_end, EncodeState& state, Output& out)
        : Writer(tokenizer, text_end, out),
          text_end_(text_end),
          minds_edges_(tokenizer.segments().minds_edges()),
          remembers_(is_valid && tokenizer.segments().repeats()),
          remembers_passages_(remembers_ && tokenizer.segments().remembers_lines() &&
                              tokenizer.passage_ends().exist() &&
                              options.special != SpecialPolicy::allow),
          options_(options),
          state_(state),
          out_(out) {}

    void segment(Segment const& segment) {
        bool const at_edge = minds_edges_ && (segment.at_start || segment.at_end);
        if (!at_edge && Writer::put_short(segment.text)) return;
        other_segment(segment, at_edge);
    }
    BehindNumber behind_number(std::string_view text, std::size_t end) {
        for (;;) {
            if (remembers_passages_) end = known_passages(text, end);
            BehindNumber const behind = easy_numbers(text, end);
            if (behind.end == end) return behind;
            end = behind.end;
        }
    }

 private:
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
        while (end >= passage_.end && !this->full()) {
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
    // An open passage is not left.
    BehindNumber easy_numbers(std::string_view text, std::size_t end) {
        if (remembers_passages_ && !passage_.is_open) return {end, end};
        std::size_t const last = remembers_passages_ ? passage_.end : text.size();
        BehindNumber const behind = Writer::easy_numbers(
            text, end, last, [this](Segment const& gap) { other_segment(gap, false); });
        last_end_ = behind.end;
        return behind;
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
    void put_all(std::span<std::uint32_t const> ids) {
        if constexpr (kHasIds) {
            std::uint32_t* const place = out_.buffer().reserve(ids.size());
            out_.buffer().commit(std::copy(ids.begin(), ids.end(), place));
        } else {
            out_.add(ids.size());
        }
    }
    // False if the text with this key is not known.
    bool put_known(WordKey key, std::string_view text) {
        WordCache const& seen = state_.words.seen;
        CachedWord const* const known = seen.find(key, hash_key(key));
        if (known == nullptr) return false;
        if (known->is_packed()) [[likely]] {
            Writer::put(*known);
            return true;
        }
        auto const ids = seen.ids_of(*known, text);
        if (ids.data() == nullptr) return false;
        put_all(ids);
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
        put_all(found.subspan(1));
        return found[0];
    }
    void open_passage() {
        // Where ids are only counted there are none to be remembered.
        if constexpr (kHasIds) {
            passage_.is_open = true;
            passage_.first_id = passage_.last_id = out_.buffer().size();
        }
    }
    void note_number(std::size_t end) {
        if constexpr (kHasIds) {
            passage_.number_end = end;
            passage_.last_id = out_.buffer().size();
        }
    }
    void close_passage(std::string_view text) {
        passage_.is_open = false;
        if (passage_.number_end == passage_.begin) return;
        if constexpr (kHasIds) {
            std::uint32_t const* const ids = out_.buffer().data();
            std::vector<std::uint32_t>& remembered = state_.words.ids;
            remembered.assign(1, static_cast<std::uint32_t>(passage_.number_end - passage_.begin));
            remembered.insert(remembered.end(), ids + passage_.first_id, ids + passage_.last_id);
            state_.words.seen.insert(passage_.key, hash_key(passage_.key),
                                     text.substr(passage_.begin, passage_.end - passage_.begin),
                                     remembered);
        }
    }
    // Appended to the ids if these are wanted, so that long parts are not copied.
    std::span<std::uint32_t const> ids_of(Segment const& segment) {
        if constexpr (kHasIds) {
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

}  // namespace tokmill::numbers
