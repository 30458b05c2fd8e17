// Where the numbers of a text and the parts between them go if the base is byte-level BPE: the
// words of all parts take the same way together (WordFeed), with the numbers in their place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "models/word_key.h"
#include "numbers/triad_writer.h"
#include "pipeline/byte_level_tokenizer.h"
#include "pipeline/word_feed.h"

namespace tokmill::numbers {

template <class Output>
class FeedingTarget : public TriadWriter<Output> {
    using Writer = TriadWriter<Output>;

 public:
    static constexpr bool kRemembers = true;

    // `text`: all of it. `options` do not refuse special tokens.
    FeedingTarget(NumbersTokenizer const& tokenizer, ByteLevelTokenizer const& base,
                  EncodeOptions const& options, std::string_view text, EncodeState& state,
                  Output& out)
        : Writer(tokenizer, text.data() + text.size(), out),
          base_(base),
          text_end_(text.data() + text.size()),
          is_words_(base.is_words(text)),
          options_(options),
          state_(state),
          feed_(base, state, out, text.data() + text.size()) {}

    void segment(Segment const& segment) {
        if (!Writer::put_short(segment.text)) put_text(segment.text);
    }
    BehindNumber behind_number(std::string_view text, std::size_t end) {
        for (;;) {
            // Now and then what waits between words is let go.
            if constexpr (Writer::kHasIds) Writer::set_place(feed_.place());
            std::size_t const last = std::min(text.size(), end + kStretch);
            BehindNumber const behind = Writer::easy_numbers(
                text, end, last, [this](Segment const& gap) { put_text(gap.text); });
            if (behind.end == end) return behind;
            end = behind.end;
        }
    }
    // Nothing else comes.
    void finish() { feed_.drain(); }

 private:
    static constexpr std::size_t kStretch = 4096;
    static constexpr std::size_t kShort = kMaxKeyBytes - 1;

    void put_text(std::string_view text) {
        if (!is_words_) {
            base_.encode_text(text, options_, state_, feed_);
        } else if (text.size() <= kShort && can_read(text.data(), sizeof(WordKey))) {
            return put_gap(text);
        } else {
            feed_.text(text);
        }
        if constexpr (Writer::kHasIds) Writer::set_place(feed_.place());
    }
    bool can_read(char const* text, std::size_t size) const noexcept {
        return static_cast<std::size_t>(text_end_ - text) >= size;
    }
    // Of a short part: a byte that no word begins with, and its own.
    static WordKey key_of(std::string_view text) noexcept {
        WordKey const bytes =
            make_key_unchecked(reinterpret_cast<unsigned char const*>(text.data()), text.size());
        return {bytes.low << 8 | 0xFE, bytes.high << 8 | bytes.low >> 56};
    }
    void put_gap(std::string_view text) {
        WordKey const key = key_of(text);
        WordCache& seen = state_.words.seen;
        CachedWord const* const known = seen.find(key, hash_key(key));
        if (known == nullptr || !known->is_packed()) return put_new_gap(text, key);
        Writer::put(*known);
    }
    void put_new_gap(std::string_view text, WordKey key) {
        if constexpr (Writer::kHasIds) {
            feed_.drain();
            IdBuffer& ids = feed_.place();
            std::size_t const before = ids.size();
            feed_.text(text);
            feed_.drain();
            std::span const found(ids.data() + before, ids.size() - before);
            if (CachedWord::fits(found)) state_.words.seen.insert(key, hash_key(key), {}, found);
            Writer::set_place(ids);
        } else {
            feed_.text(text);
        }
    }

    ByteLevelTokenizer const& base_;
    char const* text_end_;
    bool is_words_;  // all of the text
    EncodeOptions const& options_;
    EncodeState& state_;
    WordFeed<Output> feed_;
};

}  // namespace tokmill::numbers
