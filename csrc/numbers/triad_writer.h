// Puts the ids of numbers, and of single characters between them, into an Output.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "core/id_buffer.h"
#include "numbers/number_sink.h"
#include "numbers/numbers_tokenizer.h"
#include "pipeline/outputs.h"

namespace tokmill::numbers {

template <class Output>
class TriadWriter {
 public:
    // `text_end`: up to there the memory behind digits can be read.
    TriadWriter(NumbersTokenizer const& tokenizer, char const* text_end, Output& out)
        : tokenizer_(tokenizer),
          id_map_(tokenizer.id_map()),
          first_id_(tokenizer.first_id()),
          text_end_(text_end),
          out_(out) {
        if constexpr (kHasIds) place_ = &out.buffer();
    }

    static constexpr bool kTakesTriads = true;
    bool full() const { return out_.full(); }
    void number(std::uint32_t index, Span) { put(id(index)); }

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

 protected:
    static constexpr bool kHasIds = std::is_same_v<Output, IdOutput>;

    // Ids go there from now on.
    void set_place(IdBuffer& place) noexcept { place_ = &place; }
    void put(std::uint32_t id) {
        if constexpr (kHasIds) {
            place_->push(id);
        } else {
            out_.id(id);
        }
    }
    void put(CachedWord const& known) {
        if constexpr (kHasIds) {
            std::uint32_t* const out = place_->reserve(kInlineIds);
            commit(out + known.unpack(out));
        } else {
            std::uint32_t ids[kInlineIds];
            out_.add(known.unpack(ids));
        }
    }
    // Puts what stands between two numbers; false if it is not one of the short texts that are
    // known.
    bool put_short(std::string_view text) {
        if (text.size() == 1) {
            std::uint32_t const id = tokenizer_.gap_ids().character(text[0]);
            if (id == GapIds::kNoId) [[unlikely]]
                return false;
            put(id);
            return true;
        }
        if (text.size() != 2) return false;
        GapIds::Pair const& pair = tokenizer_.gap_ids().pair(text[0], text[1]);
        if constexpr (kHasIds) {
            std::uint32_t* const out = place_->reserve(2);
            std::copy_n(pair.ids, 2, out);
            place_->commit(out + pair.count);
        } else {
            out_.add(pair.count);
        }
        return pair.count != 0;
    }
    // Puts easy numbers, up to `last`, and what lies between them with put_gap(Segment const&).
    template <class PutGap>
    BehindNumber easy_numbers(std::string_view text, std::size_t end, std::size_t last,
                              PutGap const& put_gap) {
        if (tokenizer_.easy_ids() == nullptr) return {end, end};
        Grammar const& grammar = tokenizer_.grammar();
        EasyNumerals numerals(grammar.easy_rules(), text, end);
        EasyNumerals::Found found;
        std::size_t looked = end;
        while (!full()) {
            auto const next = numerals.next(found);
            if (next == EasyNumerals::Next::far) {
                looked = grammar.next_digit(text, numerals.reached());
                if (looked >= last) break;
                numerals.skip_to(looked);
                continue;
            }
            if (next == EasyNumerals::Next::hard || found.end() > last) break;
            put_easy(found, {text.data() + end, found.begin - end}, end, put_gap);
            looked = end = found.end();
        }
        return {end, looked};
    }

    NumbersTokenizer const& tokenizer_;

 private:
    static constexpr std::size_t kFew = 2;

    template <class PutGap>
    void put_easy(EasyNumerals::Found const& found, std::string_view gap, std::size_t gap_begin,
                  PutGap const& put_gap) {
        std::uint32_t const id =
            gap.size() == 1 ? tokenizer_.gap_ids().character(gap[0]) : GapIds::kNoId;
        if (id != GapIds::kNoId) [[likely]]
            return put_number(found, &id, 1);
        if (!put_short(gap)) put_gap(Segment{gap, gap_begin, false, false, false});
        put_number(found, nullptr, 0);
    }
    // Behind `count` other ids.
    void put_number(EasyNumerals::Found const& found, std::uint32_t const* before,
                    std::size_t count) {
        EasyIds const& ids = *tokenizer_.easy_ids();
        if constexpr (kHasIds) {
            std::uint32_t* const out = place_->reserve(count + EasyIds::kMostIds);
            commit(ids.write(found, std::copy_n(before, count, out)));
        } else {
            out_.add(count + EasyIds::count(found));
        }
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
        return place_ != nullptr ? place_->reserve(count) : nullptr;
    }
    void commit(std::uint32_t const* end) { place_->commit(end); }

    std::uint32_t const* id_map_;
    std::uint32_t first_id_;
    char const* text_end_;
    Output& out_;
    IdBuffer* place_ = nullptr;
};

}  // namespace tokmill::numbers
